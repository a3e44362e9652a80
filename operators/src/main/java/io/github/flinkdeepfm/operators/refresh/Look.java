package io.github.flinkdeepfm.operators.refresh;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What lies under a model root.
 *
 * @param versions announced ones that can be read
 * @param unreadable announced ones whose manifest cannot be read, and why
 * @param pin the version to stay with, if there is such
 */
record Look(List<Target> versions, Map<Target, Unreadable> unreadable, Optional<String> pin) {

  /**
   * Why a manifest was not read.
   *
   * @param detail names the file
   */
  record Unreadable(RefusalReason reason, String detail) {}
}
