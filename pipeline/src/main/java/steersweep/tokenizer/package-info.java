/**
 * A checkpoint folder's tokenizer files, made into one tokenizer. {@link
 * steersweep.tokenizer.TokenizerFolder} reads them: tokenizer.json as it is, or a SentencePiece
 * tokenizer.model ({@link steersweep.tokenizer.SentencePieceModel}) written as the tokenizer.json
 * that transformers would make of it ({@link steersweep.tokenizer.SentencePieceConversion}). {@link
 * steersweep.tokenizer.NativeTokenizer} runs the result, after a trial in a process of its own
 * ({@link steersweep.tokenizer.TokenizerTrial}). What transformers 4 and 5 understand differently
 * is refused: the folder when it is about the tokens around every text, else the text.
 */
@NullMarked
package steersweep.tokenizer;

import org.jspecify.annotations.NullMarked;
