package steersweep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.bake.BakedCheckpoint;
import steersweep.bake.SteeringFile;
import steersweep.checkpoint.Checkpoint;
import steersweep.model.HookPoint;
import steersweep.plan.ConstantAddition;
import steersweep.plan.Site;

/**
 * Constant additions to a small checkpoint, from the {@code baked.json} that the golden recipe
 * writes beside it.
 *
 * @param base token ids of the base prompt
 * @param additions in the file's order
 */
record BakedCells(int[] base, int newTokens, List<ConstantAddition> additions) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static BakedCells read(JsonNode file) {
    List<ConstantAddition> additions = new ArrayList<>();
    for (JsonNode cell : file.get("cells")) {
      @Nullable JsonNode head = cell.hasNonNull("head") ? cell.get("head") : null;
      Site site =
          new Site(
              HookPoint.of(cell.get("hook").asText()).orElseThrow(),
              cell.get("layer").asInt(),
              head == null ? Site.ALL_HEADS : head.asInt());
      float[] direction = JSON.convertValue(cell.get("direction"), float[].class);
      additions.add(new ConstantAddition(site, direction, cell.get("factor").asDouble()));
    }
    return new BakedCells(
        JSON.convertValue(file.get("base_ids"), int[].class),
        file.get("new_tokens").asInt(),
        additions);
  }

  /**
   * For the golden recipe: bakes each addition of a file into a checkpoint, into folders named by
   * number, and writes it as a vector beside the folder.
   *
   * @param arguments checkpoint folder, baked.json, folder for the folders
   */
  public static void main(String[] arguments) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(Path.of(arguments[0]));
    List<ConstantAddition> additions =
        read(JSON.readTree(Path.of(arguments[1]).toFile())).additions();
    Path out = Path.of(arguments[2]);
    for (int i = 0; i < additions.size(); i++) {
      BakedCheckpoint.write(checkpoint, additions.get(i), out.resolve(Integer.toString(i)));
      SteeringFile.write(
          out.resolve(i + ".safetensors"),
          additions.get(i),
          checkpoint.config().family().modelType());
    }
  }
}
