/**
 * Replay testing: a range of events with its recorded scores enters (from Kafka or from a captured
 * file), what it says about a model or about what was served leaves. Read {@link
 * io.github.flinkdeepfm.pipeline.replay.Reproduction} first.
 *
 * <pre>
 * Recording ─▶ ScoreIndex (recorded logits by coordinates)
 *     │             │
 *     └─▶ ReplayJob (the streaming job's operators, bounded) ─▶ Judge ─▶ Findings, report
 * </pre>
 */
package io.github.flinkdeepfm.pipeline.replay;
