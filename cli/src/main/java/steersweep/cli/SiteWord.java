package steersweep.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.model.HookPoint;
import steersweep.plan.Site;

/** A site as it is written on the command line: {@code residual_post:14}, {@code value:14:3}. */
final class SiteWord {
  static final String EXPECTED = "HOOK_POINT:LAYER or HOOK_POINT:LAYER:HEAD, such as value:14:3";

  private static final Pattern FORM = Pattern.compile("([^:]*):(\\d{1,5})(?::(\\d{1,5}))?");

  private SiteWord() {}

  static String of(Site site) {
    String layer = site.hookPoint().word() + ":" + site.layer();
    return site.allHeads() ? layer : layer + ":" + site.head();
  }

  /** Null if it is none. */
  static @Nullable Site read(String word, String option, Faults faults) {
    Matcher form = FORM.matcher(word);
    if (!form.matches()) {
      faults.add(option, "not a site; got '" + word + "', expected " + EXPECTED);
      return null;
    }
    HookPoint hookPoint = HookPoint.of(form.group(1)).orElse(null);
    if (hookPoint == null) {
      faults.add(
          option,
          "unknown hook point; got '"
              + form.group(1)
              + "', "
              + Suggest.among(form.group(1), HookPoint.words()));
      return null;
    }
    int head = form.group(3) == null ? Site.ALL_HEADS : Integer.parseInt(form.group(3));
    return new Site(hookPoint, Integer.parseInt(form.group(2)), head);
  }
}
