package steersweep.score;

/** An {@link Outcome} with its reason; the rules are in {@link SiteScores}. */
public enum SiteVerdict {
  CONFIRMED(Outcome.WORKS, "confirmed by texts"),
  NOT_TESTED(Outcome.PULLS, "not put to the test by texts"),
  NOT_CONFIRMED(Outcome.PULLS, "texts do not confirm it"),
  NOT_COHERENT(Outcome.PULLS, "too many texts are incoherent"),
  TOO_FEW(Outcome.PULLS, "too few coherent texts to confirm it"),
  NOT_CLEAR(Outcome.UNCLEAR, "interval reaches 0"),
  WRONG_WAY(Outcome.UNCLEAR, "pulls the other way"),
  NO_CONTROL(Outcome.UNCLEAR, "random control missing"),
  NOT_READ(Outcome.UNCLEAR, "pull not measured"),
  ONE_BASE_PROMPT(Outcome.UNCLEAR, "one base prompt, no interval"),
  LITTLE_PULL(Outcome.NEGLIGIBLE, "interval within the negligible range"),
  TOO_MUCH_DAMAGE(Outcome.DAMAGING, "damage above the budget");

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
