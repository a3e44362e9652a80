/**
 * Scoring of a file: lines of JSON enter, a file of scores and a file of dead letters leave, by the
 * same operators as in the streaming job. Read {@link
 * io.github.flinkdeepfm.pipeline.file.FileScoring} first.
 */
package io.github.flinkdeepfm.pipeline.file;
