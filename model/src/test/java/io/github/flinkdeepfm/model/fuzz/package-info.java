/**
 * Seeded fuzzing: {@code mvn verify -Pfuzz}. Targets come in, a report goes out; a finding is an
 * error that names seed, case and input. Read {@link io.github.flinkdeepfm.model.fuzz.FuzzRun}
 * first; the targets live beside what they try.
 */
package io.github.flinkdeepfm.model.fuzz;
