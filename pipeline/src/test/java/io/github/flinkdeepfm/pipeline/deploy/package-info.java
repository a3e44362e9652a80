/**
 * What is under {@code deploy/} for people who run the job, held against the code: manifests
 * against the operator's classes and schema, dashboards and alerts against the metrics of a running
 * job. Read {@code DeployFiles} first.
 */
package io.github.flinkdeepfm.pipeline.deploy;
