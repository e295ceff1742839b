package steersweep.plan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.Serializable;

/**
 * What the activations that are added are made of. It is part of the plan, content and all, and so
 * of what tells one run from another.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Steering.class, name = "prompt"),
  @JsonSubTypes.Type(value = MeanDifference.class, name = "pairs"),
  @JsonSubTypes.Type(value = GivenVector.class, name = "vector")
})
public sealed interface SteeringSource extends Serializable
    permits Steering, MeanDifference, GivenVector {
  /** A text that is different for each source that adds something else: what draws are named by. */
  String identity();
}
