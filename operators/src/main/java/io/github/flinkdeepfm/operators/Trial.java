package io.github.flinkdeepfm.operators;

import java.util.List;

/**
 * What a version is tried with before it may be ready.
 *
 * @param live the latest events, oldest first
 * @param isEnough whether they are as many as the canary asks for; it compares no fewer
 * @param ordered whether the version is taken whatever live events say of it
 */
record Trial<E>(List<E> live, boolean isEnough, boolean ordered) {

  /** Without live events. */
  static <E> Trial<E> none() {
    return new Trial<>(List.of(), false, false);
  }
}
