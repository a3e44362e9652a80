/**
 * Switches all subtasks of a job from one model version to the next at one checkpoint.
 *
 * <p>In: a model root to watch, and the subtasks' word on which version they score with and which
 * they have made ready. Out: calls of {@link
 * io.github.flinkdeepfm.operators.refresh.RefreshParticipant.Host} that prepare and activate
 * versions. Nothing here loads a model.
 *
 * <p>The only package that uses Flink's coordinator API, which is internal and changes between
 * releases. Read {@link io.github.flinkdeepfm.operators.refresh.RefreshProtocol} first, then {@link
 * io.github.flinkdeepfm.operators.refresh.RefreshParticipant}; {@link
 * io.github.flinkdeepfm.operators.refresh.ModelCoordinator} and {@link
 * io.github.flinkdeepfm.operators.refresh.RefreshLink} tie them to Flink.
 */
package io.github.flinkdeepfm.operators.refresh;
