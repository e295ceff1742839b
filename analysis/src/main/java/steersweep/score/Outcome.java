package steersweep.score;

import java.util.Locale;

/** What a site can turn out to be at one setting. */
public enum Outcome {
  /** Confirmed: texts on base prompts that had no say in the choice show it, and stay coherent. */
  WORKS,
  /** The model is clearly pulled the way the setting asks for; no text has confirmed it. */
  PULLS,
  /** Neither clearly pulled nor clearly left alone. */
  UNCLEAR,
  /** Pulled too little to matter, and known well enough to say so. */
  NEGLIGIBLE,
  /** The model is moved further from itself than the budget allows. */
  DAMAGING;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
