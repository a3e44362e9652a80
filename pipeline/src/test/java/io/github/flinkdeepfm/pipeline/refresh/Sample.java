package io.github.flinkdeepfm.pipeline.refresh;

/**
 * What was measured after one refresh.
 *
 * @param refresh counted from 1
 * @param full whether it was a full version, not a delta
 * @param seconds since the start
 * @param models held by the store
 * @param pauseMicros the longest switch of a subtask, as the metric has it
 * @param switchGapMicros the longest time between the last score by the old version and the first
 *     by the new one, of a subtask
 * @param longestGapMicros the longest time between two scores of a subtask since the last refresh
 */
record Sample(
    int refresh,
    boolean full,
    double seconds,
    ProcessMemory memory,
    int models,
    long pauseMicros,
    long switchGapMicros,
    long longestGapMicros) {}
