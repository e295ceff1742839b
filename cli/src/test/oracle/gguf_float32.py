"""A GGUF file with every tensor as float32: what llama.cpp computes without rounding weights or activations.

usage: gguf_float32.py QUANTISED.gguf OUT.gguf
"""

import sys
from pathlib import Path

from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter
from gguf.quants import dequantize

OF_THE_FILE = ("GGUF.", "general.architecture", "general.file_type", "general.quantization_version")


def main(source: Path, target: Path) -> None:
    reader = GGUFReader(source)
    architecture = reader.fields["general.architecture"].contents()
    part = target.with_name(target.name + ".part")
    writer = GGUFWriter(part, architecture)
    for name, field in reader.fields.items():
        if not name.startswith(OF_THE_FILE):
            of_items = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
            writer.add_key_value(name, field.contents(), field.types[0], of_items)
    for tensor in reader.tensors:
        numbers = dequantize(tensor.data, tensor.tensor_type).astype("float32")
        writer.add_tensor(tensor.name, numbers.reshape(tensor.shape.tolist()[::-1]), raw_dtype=GGMLQuantizationType.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.rename(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
