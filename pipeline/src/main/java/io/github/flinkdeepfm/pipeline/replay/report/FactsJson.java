package io.github.flinkdeepfm.pipeline.replay.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/** Facts as JSON: names in snake case, null for a number that JSON does not have. */
final class FactsJson {
  private static final ObjectWriter WRITER = mapper().writer();

  private FactsJson() {}

  static String compact(ReportFacts facts) {
    return write(WRITER, facts);
  }

  static String pretty(ReportFacts facts) {
    return write(WRITER.withDefaultPrettyPrinter(), facts) + "\n";
  }

  private static String write(ObjectWriter writer, ReportFacts facts) {
    try {
      return writer.writeValueAsString(facts);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("facts that are no JSON", e);
    }
  }

  private static ObjectMapper mapper() {
    SimpleModule numbers = new SimpleModule();
    numbers.addSerializer(Double.class, new FiniteNumber<>(Double.class));
    numbers.addSerializer(double.class, new FiniteNumber<>(Double.class));
    numbers.addSerializer(Float.class, new FiniteNumber<>(Float.class));
    numbers.addSerializer(float.class, new FiniteNumber<>(Float.class));
    return new ObjectMapper()
        .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .registerModule(numbers);
  }

  private static final class FiniteNumber<T extends Number> extends StdSerializer<T> {
    private static final long serialVersionUID = 1;

    private FiniteNumber(Class<T> type) {
      super(type);
    }

    @Override
    public void serialize(T value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (Double.isFinite(value.doubleValue())) {
        // The shortest decimal that reads back as the same number, of float or double.
        json.writeNumber(value.toString());
      } else {
        json.writeNull();
      }
    }
  }
}
