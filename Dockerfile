# docker build --target sweep -t steersweep:0.1.0 .          the command; on the CPU
# docker build --target flink -t steersweep-flink:0.1.0 .    the same and a Flink 1.19.3 that runs its units
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
RUN mvn -B -ntp -q -Dmaven.test.skip=true package

FROM build AS build-flink
RUN mvn -B -ntp -q -Dmaven.test.skip=true -Pflink -pl flink -am package

FROM flink:1.19.3-java17 AS flink
COPY --from=build-flink /src/flink/target/steersweep-flink-0.1.0.jar /opt/steersweep/
COPY --from=build-flink /src/flink/target/lib /opt/steersweep/lib
COPY conf /opt/steersweep/conf
# For Flink's own class loader: the model is then opened once for each TaskManager, and stays. The image has Flink itself.
RUN cd /opt/steersweep/lib && for jar in *.jar; do \
      case $jar in flink-*|log4j*|slf4j*) ;; *) ln -s "/opt/steersweep/lib/$jar" /opt/flink/lib/ ;; esac; done
ENV ORT_DISABLE_TELEMETRY=1 XDG_CACHE_HOME=/tmp/cache LC_ALL=C.UTF-8
USER flink

FROM eclipse-temurin:17-jre AS sweep
RUN useradd --uid 10001 --create-home steersweep
COPY --from=build /src/cli/target/steersweep-cli-0.1.0.jar /app/
COPY --from=build /src/cli/target/lib /app/lib
COPY conf /app/conf
USER 10001
# ONNX Runtime collects usage data on Linux unless told not to; the second is a cache of native libraries
# and of weights; the third is what Java reads names of files in
ENV ORT_DISABLE_TELEMETRY=1 XDG_CACHE_HOME=/tmp/cache LC_ALL=C.UTF-8
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-jar", "/app/steersweep-cli-0.1.0.jar"]
