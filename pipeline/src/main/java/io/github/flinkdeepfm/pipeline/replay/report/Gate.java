package io.github.flinkdeepfm.pipeline.replay.report;

import java.util.Locale;

/** What a replay may be held to. The option of the command line is the name with dashes. */
public enum Gate {
  /** Smallest share of compared rows whose logits have the same bits, 0 to 1. */
  MIN_BIT_IDENTICAL(false),
  /** Largest |Δlogit|. */
  MAX_ABS_LOGIT(true),
  /** Largest |Δscore|, 0 to 1. */
  MAX_ABS_SCORE(true),
  /** Largest share of rows whose decision changes at one of the thresholds, 0 to 1. */
  MAX_FLIPS(true),
  /** Largest |Δlogit| of the baseline against itself. */
  MAX_NOISE(true),
  /** Population stability index of the candidate's scores against the baseline's. */
  MAX_PSI(true),
  /** Kolmogorov-Smirnov statistic, 0 to 1. */
  MAX_KS(true),
  /** Candidate's AUC minus the baseline's. */
  MIN_AUC_DELTA(false),
  /** Candidate's logloss minus the baseline's, in nats. */
  MAX_LOGLOSS_DELTA(true),
  /** Candidate's expected calibration error minus the baseline's (20 bins of equal mass). */
  MAX_ECE_DELTA(true),
  /** Events that could not be compared: without a score on one side, a version or the event. */
  MAX_MISSING(true),
  /** Events with more than one recorded score. */
  MAX_DOUBLED(true),
  /** Scores recorded under another numerics fingerprint. */
  MAX_OTHER_NUMERICS(true);

  private final boolean upper;

  Gate(boolean upper) {
    this.upper = upper;
  }

  /** As the option says it: {@code max-abs-logit}. */
  public String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Judges an observation. One that could not be made, NaN, fails: who asks for a gate wants it
   * measured.
   */
  GateResult judge(double threshold, double observed) {
    boolean passed = upper ? observed <= threshold : observed >= threshold;
    return new GateResult(option(), threshold, observed, passed);
  }
}
