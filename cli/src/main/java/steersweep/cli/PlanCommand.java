package steersweep.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.ChoiceRule;
import steersweep.plan.SweepPlan;

/** Shows what a sweep would be, from the plan and config.json alone. */
@Command(
    name = "plan",
    description = "Show how large a sweep is; reads config.json, never the weights.")
final class PlanCommand implements Callable<Integer> {
  /** Seen on the demo: a completion and its scores together, compressed. */
  private static final double BYTES_PER_CELL = 100;

  @Mixin private SweepOptions options;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    SweepOptions.Loaded loaded = options.load();
    print(spec.commandLine().getOut(), loaded);
    return 0;
  }

  private void print(PrintWriter out, SweepOptions.Loaded loaded) {
    SweepPlan plan = loaded.plan();
    CellGrid grid = loaded.grid();
    ModelShape shape = loaded.config().shape();
    long units = grid.units(loaded.unitCells()).size();
    out.printf("plan          %s (%s)%n", plan.name(), options.conf);
    out.printf(
        "model         %s: %d layers, %d heads (%d key/value), %d wide, %s parameters%n",
        options.model,
        shape.nLayers(),
        shape.nHeads(),
        shape.nKvHeads(),
        shape.dModel(),
        Quantity.of(shape.parameters()));
    out.printf("prompt pairs  %d, of %d concepts%n", grid.pairs().size(), plan.concepts().size());
    for (HookPoint hookPoint : plan.hookPoints()) {
      long sites = grid.sites().stream().filter(site -> site.hookPoint() == hookPoint).count();
      out.printf("sites         %d at %s%n", sites, hookPoint.word());
    }
    out.printf(
        "scales        %s, %s, positions %s%n",
        plan.scales(),
        switch (plan.dose()) {
          case RAW -> "factors";
          case RELATIVE -> "relative doses";
        },
        plan.positions().word());
    out.printf(
        "cells         %d in %d units of at most %d%n", grid.size(), units, loaded.unitCells());
    double flopPerCell = 2.0 * shape.parameters() * plan.newTokens();
    for (CellKind kind : CellKind.values()) {
      long cells = (long) grid.pairs().size() * grid.cellsPerPair(kind);
      if (cells > 0) {
        out.printf(
            "  %-12s%d, about %sFLOP to generate%n",
            kind.word(), cells, Quantity.withSpace(cells * flopPerCell));
      }
    }
    out.printf("new tokens    at most %d a cell%n", plan.newTokens());
    out.printf(
        "arithmetic    about %sFLOP to generate%s, before prompts and scoring%n",
        Quantity.withSpace(flopPerCell * grid.size()),
        plan.texts().rule() == ChoiceRule.ALL ? "" : " if every cell is chosen");
    out.printf(
        "disk          about %sB of Parquet%n", Quantity.withSpace(BYTES_PER_CELL * grid.size()));
  }
}
