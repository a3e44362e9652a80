/**
 * Faults inflicted on a cluster of several processes while it scores. In: a seeded stream, versions
 * that are published all the while, one fault or several. Out: whether every event came out exactly
 * once with the bits of the version that it names, and how long it took until scores came again.
 * Read {@link io.github.flinkdeepfm.pipeline.faults.FaultsIT} first, then {@link
 * io.github.flinkdeepfm.pipeline.faults.Fault} and {@link
 * io.github.flinkdeepfm.pipeline.faults.FaultStand}; {@link
 * io.github.flinkdeepfm.pipeline.faults.UpgradeIT} does on the same cluster what is no fault: other
 * submissions, another parallelism, another release; {@link
 * io.github.flinkdeepfm.pipeline.faults.ApplicationModeIT} starts the job as the deployment does.
 */
package io.github.flinkdeepfm.pipeline.faults;
