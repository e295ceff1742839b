package steersweep.score;

/** An {@link Outcome} with its reason; the rules are in {@link Verdicts}. */
public enum SiteVerdict {
  WORKS(Outcome.WORKS, "clear effect, fluent text"),
  HARDLY_CHANGES(Outcome.NEGLIGIBLE, "texts hardly change"),
  SMALL_EFFECT(Outcome.NEGLIGIBLE, "effect small"),
  NOT_FLUENT(Outcome.INCOHERENT, "not fluent"),
  REPETITIVE(Outcome.INCOHERENT, "repetitive"),
  NO_CONTROL(Outcome.UNCLEAR, "random control missing"),
  MOSTLY_SKIPPED(Outcome.UNCLEAR, "most texts not generated"),
  ONE_BASE_PROMPT(Outcome.UNCLEAR, "one base prompt, no interval"),
  NOT_CLEAR(Outcome.UNCLEAR, "interval reaches 0"),
  LIKELY_CHANCE(Outcome.UNCLEAR, "likely chance"),
  WRONG_WAY(Outcome.UNCLEAR, "wrong way");

  private final Outcome outcome;
  private final String reason;

  SiteVerdict(Outcome outcome, String reason) {
    this.outcome = outcome;
    this.reason = reason;
  }

  public Outcome outcome() {
    return outcome;
  }

  public String reason() {
    return reason;
  }
}
