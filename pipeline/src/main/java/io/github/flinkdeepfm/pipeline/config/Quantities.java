package io.github.flinkdeepfm.pipeline.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads amounts with a unit: {@code 5ms}, {@code 1min}, {@code 64KiB}. */
public final class Quantities {
  public static final String DURATION_FORM = "a duration such as 5ms, 10s, 1min, 2h or 7d";
  static final String SIZE_FORM = "a size such as 65536, 512B, 64KiB or 16MiB";

  private static final Pattern AMOUNT = Pattern.compile("(\\d{1,18}) ?([A-Za-z]*)");
  private static final Map<String, Duration> DURATIONS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "min", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));
  private static final Map<String, Long> SIZES =
      Map.of("", 1L, "b", 1L, "kib", 1L << 10, "mib", 1L << 20, "gib", 1L << 30);

  private Quantities() {}

  /** A duration of at most 365 days; empty if the text is not one. */
  public static Optional<Duration> duration(String text) {
    Matcher amount = AMOUNT.matcher(text);
    if (!amount.matches() || !DURATIONS.containsKey(amount.group(2))) {
      return Optional.empty();
    }
    long count = Long.parseLong(amount.group(1));
    Duration unit = DURATIONS.get(amount.group(2));
    return count <= Duration.ofDays(365).dividedBy(unit)
        ? Optional.of(unit.multipliedBy(count))
        : Optional.empty();
  }

  /** A number of bytes that fits an int; empty if the text is not one. */
  static Optional<Integer> size(String text) {
    Matcher amount = AMOUNT.matcher(text);
    if (!amount.matches()) {
      return Optional.empty();
    }
    Long unit = SIZES.get(amount.group(2).toLowerCase(Locale.ROOT));
    if (unit == null) {
      return Optional.empty();
    }
    long count = Long.parseLong(amount.group(1));
    return count <= Integer.MAX_VALUE / unit ? Optional.of((int) (count * unit)) : Optional.empty();
  }
}
