/**
 * GGUF, the one-file format of llama.cpp and ollama: {@link steersweep.gguf.GgufFile} is what the
 * head of such a file says, read within bounds by {@link steersweep.gguf.GgufReader}. What the
 * metadata mean is known elsewhere: config and weights in the exporter, the tokenizer where texts
 * are tokenised.
 */
@NullMarked
package steersweep.gguf;

import org.jspecify.annotations.NullMarked;
