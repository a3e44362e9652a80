package io.github.flinkdeepfm.model;

import java.util.Optional;

/** Which release of this project runs. */
public final class Release {
  private Release() {}

  /** The version that the manifest of this class's jar names. */
  public static String name() {
    return Optional.ofNullable(Release.class.getPackage().getImplementationVersion())
        .orElse("(not from a jar)");
  }
}
