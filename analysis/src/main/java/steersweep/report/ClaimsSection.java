package steersweep.report;

import java.util.List;
import steersweep.score.Claim;

/** What this sweep says about the claims of the 2023 work, with the numbers. */
final class ClaimsSection {
  private static final int OF_LLAMA = 5;

  private ClaimsSection() {}

  static String title(List<Claim> claims) {
    return claims.size() > OF_LLAMA
        ? "The claims of the 2023 work"
        : "The five claims of the 2023 work";
  }

  static void add(Html body, List<Claim> claims) {
    if (claims.isEmpty()) {
      return;
    }
    body.section("claims", title(claims));
    body.leaf(
        "p",
        "“Activation adding experiments with llama-7b” claimed "
            + (claims.size() > OF_LLAMA
                ? "the first five, “Activation adding experiments with FLAN-T5” the others"
                : "these")
            + "; this sweep’s own answer:",
        "class",
        "note");
    body.open("ol", "class", "claims");
    claims.stream().filter(of -> !of.evidence().isEmpty()).forEach(of -> claim(body, of));
    body.close();
    List<Claim> others = claims.stream().filter(of -> of.evidence().isEmpty()).toList();
    if (!others.isEmpty()) {
      body.open("details");
      body.leaf("summary", others.size() + " of them cannot be judged by this sweep");
      body.open("ul", "class", "claims");
      others.forEach(of -> claim(body, of));
      body.close().close();
    }
    body.close();
  }

  private static void claim(Html body, Claim claim) {
    String words = claim.judgement().words();
    body.open("li").open("p");
    body.leaf("strong", claim.statement()).text(" ");
    body.leaf("span", words, "class", "badge " + words.replace(' ', '-')).close();
    body.leaf("p", claim.reason());
    body.open("details").leaf("summary", "Rule and numbers").leaf("p", claim.rule());
    body.open("div", "class", "scroll").open("table", "class", "evidence");
    body.columns(List.of("number", "mean", "95 % interval", "n", "base prompts"));
    for (Claim.Evidence evidence : claim.evidence()) {
      body.open("tr").leaf("th", evidence.what(), "scope", "row");
      body.leaf("td", Numbers.signed(evidence.value().mean()));
      body.leaf(
          "td", evidence.value().known() ? Numbers.interval(evidence.value()) : Numbers.NOTHING);
      body.leaf("td", String.valueOf(evidence.value().n()));
      body.leaf("td", String.valueOf(evidence.value().clusters())).close();
    }
    body.close().close().close().close().close().line();
  }
}
