/**
 * One model version as a whole. In: a model directory. Out: decoders of raw events and scorers of
 * the same version, and reports of how far its outputs are from its trainer's. Read {@link
 * io.github.flinkdeepfm.model.serving.ServingModel} first.
 */
package io.github.flinkdeepfm.model.serving;
