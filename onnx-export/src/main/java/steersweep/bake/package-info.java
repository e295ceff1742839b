/**
 * Steering that needs no steering program any more. A {@link steersweep.plan.ConstantAddition} is
 * the same at every position, so that a checkpoint can carry it in a bias ({@link
 * steersweep.bake.Carrier} says in which), written by {@link steersweep.bake.BakedCheckpoint}; for
 * llama.cpp there is a {@link steersweep.bake.ControlVectorFile}, for everybody's own hooks a
 * {@link steersweep.bake.SteeringFile}.
 */
package steersweep.bake;
