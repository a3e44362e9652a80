package io.github.flinkdeepfm.pipeline;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Modules depend on each other in one direction: pipeline → operators → model. */
@AnalyzeClasses(
    packages = "io.github.flinkdeepfm",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleRuleTest {

  @ArchTest
  static final ArchRule modelKnowsNothingOfFlinkAndKafka =
      noClasses()
          .that()
          .resideInAPackage("..flinkdeepfm.model..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.flink..",
              "org.apache.kafka..",
              "..flinkdeepfm.operators..",
              "..flinkdeepfm.pipeline..");

  @ArchTest
  static final ArchRule operatorsKnowNothingOfKafkaTablesAndTheCommandLine =
      noClasses()
          .that()
          .resideInAPackage("..flinkdeepfm.operators..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.kafka..",
              "org.apache.flink.table..",
              "picocli..",
              "..flinkdeepfm.pipeline..");

  @ArchTest
  static final ArchRule everythingLivesInOneOfTheThreeModules =
      classes()
          .should()
          .resideInAnyPackage(
              "..flinkdeepfm.model..", "..flinkdeepfm.operators..", "..flinkdeepfm.pipeline..");
}
