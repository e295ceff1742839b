/**
 * What to run. {@link steersweep.plan.PlanReader} turns a YAML file into a {@link
 * steersweep.plan.SweepPlan}; with a model's sizes it becomes a {@link steersweep.plan.CellGrid} of
 * {@link steersweep.plan.Cell}s, cut into {@link steersweep.plan.Unit}s that the pipeline fans out.
 */
package steersweep.plan;
