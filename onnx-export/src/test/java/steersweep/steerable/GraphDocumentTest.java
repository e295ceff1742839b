package steersweep.steerable;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.TinyCheckpoint;
import steersweep.checkpoint.Checkpoint;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;

/** docs/graph.md describes the graph that is written: every name, type and axis, and no others. */
class GraphDocumentTest {
  private static final Path DOCUMENT = Path.of("../docs/graph.md");

  @TempDir Path folder;

  private GraphProto graph;

  @BeforeEach
  void export() throws IOException {
    Path checkpoint = new TinyCheckpoint(1).write(folder.resolve("model"));
    ExportSettings settings =
        new ExportSettings(
            Arrays.asList(HookPoint.values()),
            Dtype.FLOAT32,
            Device.CUDA,
            folder,
            (done, all) -> {});
    Export.write(Checkpoint.open(checkpoint), settings, folder);
    graph = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("model.onnx"))).getGraph();
  }

  /** First three columns of each row of the table under a heading. */
  private static Map<String, List<String>> table(String heading) throws IOException {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    boolean within = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      within = line.startsWith("## ") ? line.equals("## " + heading) : within;
      if (within
          && line.startsWith("| ")
          && !line.startsWith("| name")
          && !line.startsWith("| op")) {
        List<String> cells =
            Arrays.stream(line.substring(1).split("\\|")).map(String::strip).toList();
        rows.put(cells.get(0).replace("`", ""), cells.subList(1, 3));
      }
    }
    return rows;
  }

  private static void assertDescribed(List<ValueInfoProto> values, Map<String, List<String>> rows) {
    Map<String, ValueInfoProto> byName = new LinkedHashMap<>();
    values.forEach(
        value -> byName.put(value.getName().replaceAll("blocks\\.\\d+\\.", "blocks.{l}."), value));
    assertThat(rows.keySet()).isEqualTo(byName.keySet());
    rows.forEach(
        (name, columns) -> {
          ValueInfoProto value = byName.get(name);
          int type = value.getType().getTensorType().getElemType();
          assertThat(columns.get(0))
              .as(name)
              .isEqualTo(TensorProto.DataType.forNumber(type).name().toLowerCase(Locale.ROOT));
          List<String> axes =
              columns.get(1).isEmpty() ? List.of() : List.of(columns.get(1).split(", "));
          List<TensorShapeProto.Dimension> dimensions =
              value.getType().getTensorType().getShape().getDimList();
          assertThat(axes).as(name).hasSameSizeAs(dimensions);
          for (int i = 0; i < axes.size(); i++) {
            String named = dimensions.get(i).getDimParam();
            if (named.isEmpty()) {
              assertThat(axes.get(i)).as(name).matches("[n0-9d].*");
            } else {
              assertThat(axes.get(i)).as(name).isEqualTo(named);
            }
          }
        });
  }

  @Test
  void everyInputIsDescribed() throws IOException {
    assertDescribed(graph.getInputList(), table("Inputs"));
  }

  @Test
  void everyOutputIsDescribed() throws IOException {
    assertDescribed(graph.getOutputList(), table("Outputs"));
  }

  @Test
  void everyOperatorIsListedWithItsVersionAndTypes() throws IOException {
    Map<String, List<String>> expected =
        Arrays.stream(Op.values())
            .collect(
                Collectors.toMap(
                    Op::onnxName,
                    op -> List.of(Integer.toString(op.since()), types(op)),
                    (a, b) -> a,
                    LinkedHashMap::new));

    assertThat(table("Operators")).isEqualTo(expected);
    assertThat(Arrays.stream(Op.values()).mapToInt(Op::since).max().orElseThrow())
        .isLessThanOrEqualTo(GraphBuilder.OPSET);
  }

  private static String types(Op op) {
    return new TreeSet<>(op.cudaTypes())
        .stream().map(ElementType::name).map(String::toLowerCase).collect(Collectors.joining(", "));
  }
}
