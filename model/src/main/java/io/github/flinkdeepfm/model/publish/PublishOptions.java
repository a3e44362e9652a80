package io.github.flinkdeepfm.model.publish;

import java.util.Map;
import java.util.Optional;

/**
 * How to publish one version.
 *
 * @param version its name; empty for the next number
 * @param base publish as the difference to this version; empty for a full version
 * @param orFull publish a full version all the same where a delta makes no sense: it would not be
 *     smaller, or the base has as many deltas as a version may have
 * @param provenance what the user says of it ({@code trainer}, {@code data_from}, {@code data_to}
 *     …); written to the manifest beside what the publisher knows itself
 */
public record PublishOptions(
    Optional<String> version,
    Optional<String> base,
    boolean orFull,
    Map<String, String> provenance) {
  /** A full version under the next number. */
  public static final PublishOptions DEFAULT =
      new PublishOptions(Optional.empty(), Optional.empty(), false, Map.of());

  public PublishOptions {
    provenance = Map.copyOf(provenance);
  }

  public PublishOptions withVersion(String name) {
    return new PublishOptions(Optional.of(name), base, orFull, provenance);
  }

  public PublishOptions withBase(String name) {
    return new PublishOptions(version, Optional.of(name), false, provenance);
  }

  /** As a delta of this version where that makes sense, see {@code orFull}. */
  public PublishOptions withBaseOrFull(String name) {
    return new PublishOptions(version, Optional.of(name), true, provenance);
  }

  public PublishOptions withProvenance(Map<String, String> pairs) {
    return new PublishOptions(version, base, orFull, pairs);
  }
}
