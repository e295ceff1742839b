package steersweep.result;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.FactorGrid;
import steersweep.plan.Site;

/**
 * One row of {@code factors.parquet}: the factor at which a steering source does the damage that a
 * setting asks for, over all base prompts of its concept.
 *
 * @param of whose factor it is
 * @param factor with the setting's sign; null where none was found
 * @param damage measured at the factor, nats per token, mean over the base prompts; null where none
 *     was found
 * @param passes factors that were tried, each along every base prompt; where settings share them,
 *     this one's part
 * @param status {@code ok}, {@code failed}, or {@code out_of_reach}: no factor does this damage
 * @param message why there is no factor; null if {@code ok}
 */
public record FactorRow(
    Key of,
    String unit,
    @Nullable Double factor,
    @Nullable Double damage,
    double passes,
    String status,
    @Nullable String message) {
  public static final String OUT_OF_REACH = "out_of_reach";

  public static final Schema SCHEMA =
      Columns.table("factor")
          .string("unit", "which unit of work solved it")
          .string("concept", "whose base prompts it was solved over")
          .string("steering_prompt", "what the added activations come from")
          .string("kind", "steered, or the control that is added")
          .optionalInt32("draw", "", "which random direction; null where nothing is drawn")
          .string("hook_point", "where in a block is added")
          .int32("layer", "blocks, from 0", "in which block")
          .optionalInt32("head", "heads, from 0", "to which head; null for all together")
          .float64("setting", "nats per token", "the damage asked for, with the direction's sign")
          .optionalFloat64("factor", "times", "what does it; null where nothing was found")
          .optionalFloat64("damage", "nats per token", "measured at the factor")
          .float64("passes", "factors tried", "what finding it cost, along every base prompt")
          .string("status", "ok, failed, or out_of_reach: no factor does this damage")
          .optionalString("message", "why there is no factor")
          .schema();

  /** Whose factor a row has. */
  public record Key(
      String concept,
      String steeringPrompt,
      CellKind kind,
      @Nullable Integer draw,
      Site site,
      double setting) {
    public static Key of(FactorGrid.Place place, double setting) {
      FactorGrid.Source source = place.source();
      return new Key(
          source.concept(),
          source.steeringPrompt(),
          source.kind(),
          source.draw(),
          place.site(),
          setting);
    }

    /** Of a cell with a site. */
    public static Key of(Cell cell, Site site) {
      return new Key(
          cell.pair().concept(),
          cell.pair().steeringPrompt(),
          cell.kind(),
          cell.draw(),
          site,
          cell.setting());
    }
  }

  /** Of what has no factor. */
  public static FactorRow without(
      Key of, String unit, double passes, String status, String message) {
    return new FactorRow(of, unit, null, null, passes, status, message);
  }

  /** The same as another unit has it. */
  public FactorRow inUnit(String other) {
    return new FactorRow(of, other, factor, damage, passes, status, message);
  }

  public boolean ok() {
    return status.equals(CompletionRow.OK);
  }

  /** A row of a file. */
  public static FactorRow of(GenericRecord row) {
    Object message = row.get("message");
    Integer head = (Integer) row.get("head");
    Site site =
        new Site(
            HookPoint.of(String.valueOf(row.get("hook_point"))).orElseThrow(),
            (Integer) row.get("layer"),
            head == null ? Site.ALL_HEADS : head);
    return new FactorRow(
        new Key(
            String.valueOf(row.get("concept")),
            String.valueOf(row.get("steering_prompt")),
            CellKind.of(String.valueOf(row.get("kind"))).orElseThrow(),
            (Integer) row.get("draw"),
            site,
            (Double) row.get("setting")),
        String.valueOf(row.get("unit")),
        (Double) row.get("factor"),
        (Double) row.get("damage"),
        (Double) row.get("passes"),
        String.valueOf(row.get("status")),
        message == null ? null : message.toString());
  }

  public GenericRecord toRecord() {
    GenericRecord row = new GenericData.Record(SCHEMA);
    row.put("unit", unit);
    row.put("concept", of.concept());
    row.put("steering_prompt", of.steeringPrompt());
    row.put("kind", of.kind().word());
    row.put("draw", of.draw());
    row.put("hook_point", of.site().hookPoint().word());
    row.put("layer", of.site().layer());
    row.put("head", of.site().allHeads() ? null : of.site().head());
    row.put("setting", of.setting());
    row.put("factor", factor);
    row.put("damage", damage);
    row.put("passes", passes);
    row.put("status", status);
    row.put("message", message);
    return row;
  }
}
