package io.github.flinkdeepfm.pipeline.replay;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One end of a range as the user writes it: offsets by partition ({@code 0:100,1:250}; a partition
 * that is not named is not cut), or a time ({@code timestamp:<ms>} or ISO 8601 with its offset).
 *
 * @param offsets by partition; empty if it is a time
 * @param timestamp epoch milliseconds
 */
record RangeBound(Map<Integer, Long> offsets, OptionalLong timestamp) {
  static final String FORM =
      "offsets such as 0:100,1:250, or timestamp:<epoch ms>, or an ISO 8601 time with its offset";

  /** Does not cut. */
  static final RangeBound NONE = new RangeBound(Map.of(), OptionalLong.empty());

  private static final Pattern OFFSET = Pattern.compile("(\\d{1,9}):(\\d{1,18})");

  /** Empty if the text is of no known form. */
  static Optional<RangeBound> parse(String text) {
    if (text.startsWith("timestamp:")) {
      String millis = text.substring("timestamp:".length()).strip();
      return millis.matches("\\d{1,18}")
          ? Optional.of(at(Long.parseLong(millis)))
          : time(millis).map(RangeBound::at);
    }
    Map<Integer, Long> offsets = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      Matcher offset = OFFSET.matcher(part.strip());
      if (!offset.matches()
          || offsets.put(Integer.parseInt(offset.group(1)), Long.parseLong(offset.group(2)))
              != null) {
        return time(text).map(RangeBound::at);
      }
    }
    return Optional.of(new RangeBound(offsets, OptionalLong.empty()));
  }

  private static RangeBound at(long millis) {
    return new RangeBound(Map.of(), OptionalLong.of(millis));
  }

  private static Optional<Long> time(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant().toEpochMilli());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
