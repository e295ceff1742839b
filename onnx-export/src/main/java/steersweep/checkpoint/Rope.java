package steersweep.checkpoint;

/**
 * The rotary position embedding: which angle each pair of a head's dimensions turns by from one
 * position to the next. Follows transformers' {@code modeling_rope_utils} step by step in float32:
 * frequencies that differ in the last bit are angles that differ visibly at position 1000.
 *
 * @param type how the frequencies are stretched for longer contexts
 * @param theta base of the frequencies
 * @param factor by how much they are stretched; 1 for {@link Type#DEFAULT}
 * @param lowFrequencyFactor of {@link Type#LLAMA3}; 0 otherwise
 * @param highFrequencyFactor of {@link Type#LLAMA3}; 0 otherwise
 * @param originalMaxPositions of {@link Type#LLAMA3}: length of the context before stretching; 0
 *     otherwise
 */
public record Rope(
    Type type,
    double theta,
    double factor,
    double lowFrequencyFactor,
    double highFrequencyFactor,
    int originalMaxPositions) {
  /** Values of {@code rope_type} that are understood. */
  public enum Type {
    DEFAULT("default"),
    /** All frequencies divided by the factor. */
    LINEAR("linear"),
    /** Llama 3.1 and later: only low frequencies divided, with a smooth passage. */
    LLAMA3("llama3");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    /** As config.json has it. */
    public String word() {
      return word;
    }
  }

  /** Without scaling. */
  public static Rope plain(double theta) {
    return new Rope(Type.DEFAULT, theta, 1, 0, 0, 0);
  }

  /** For people. */
  String text() {
    String plain = type.word() + ", theta " + theta;
    return switch (type) {
      case DEFAULT -> plain;
      case LINEAR -> plain + ", factor " + factor;
      case LLAMA3 ->
          String.format(
              "%s, factor %s, frequency factors %s and %s, %d positions before",
              plain, factor, lowFrequencyFactor, highFrequencyFactor, originalMaxPositions);
    };
  }

  /** Angle per position of each pair of dimensions, in radians: [d_head / 2]. */
  public float[] frequencies(int dHead) {
    float[] frequencies = new float[dHead / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float exponent = 2f * i / dHead;
      float plain = 1f / (float) Math.pow((float) theta, exponent);
      frequencies[i] =
          switch (type) {
            case DEFAULT -> plain;
            case LINEAR -> plain / (float) factor;
            case LLAMA3 -> llama3(plain);
          };
    }
    return frequencies;
  }

  private float llama3(float plain) {
    float wavelength = (float) (2 * Math.PI) / plain;
    if (wavelength > (float) (originalMaxPositions / lowFrequencyFactor)) {
      return plain / (float) factor;
    }
    if (wavelength < (float) (originalMaxPositions / highFrequencyFactor)) {
      return plain;
    }
    float smooth =
        (originalMaxPositions / wavelength - (float) lowFrequencyFactor)
            / (float) (highFrequencyFactor - lowFrequencyFactor);
    return (1 - smooth) * plain / (float) factor + smooth * plain;
  }
}
