# docker build --target sweep -t steersweep:0.1.0 .          the command; on the CPU
# docker build --target flink -t steersweep-flink:0.1.0 .    the same and a Flink 1.19.3 that runs its units
#
# Base images are given by tag and digest; the digest is what counts. They were looked up on 2026-11-24, without a registry, in Docker's
# record of its official images (github.com/docker-library/repo-info; for Flink, whose 1.19 has left it, in a fork), and stand for builds of
# September 2026 and of July 2025. `docker buildx imagetools inspect IMAGE:TAG` shows what a tag stands for now, `make pin-images` writes
# that here.
FROM maven:3.9-eclipse-temurin-17@sha256:42a3ac393abbc64dae6c96703e5ead2e921fe9103371ac58b5b404b0d6a26502 AS build
WORKDIR /src
COPY . .
RUN mvn -B -ntp -q -Dmaven.test.skip=true package

FROM build AS build-flink
RUN mvn -B -ntp -q -Dmaven.test.skip=true -Pflink -pl flink -am package

FROM flink:1.19.3-java17@sha256:3b29691b7a451eb6b9b33007444859f1fa9f266472e2c1e893c2f9cd404ab0ea AS flink
COPY --from=build-flink /src/flink/target/steersweep-flink-0.1.0.jar /opt/steersweep/
COPY --from=build-flink /src/flink/target/lib /opt/steersweep/lib
COPY conf /opt/steersweep/conf
# For Flink's own class loader: the model is then opened once for each TaskManager, and stays. The image has Flink itself.
RUN cd /opt/steersweep/lib && for jar in *.jar; do \
      case $jar in flink-*|log4j*|slf4j*) ;; *) ln -s "/opt/steersweep/lib/$jar" /opt/flink/lib/ ;; esac; done
ENV ORT_DISABLE_TELEMETRY=1 XDG_CACHE_HOME=/tmp/cache
# flink's, by number, so that Kubernetes sees that it is not root
USER 9999

FROM eclipse-temurin:17-jre@sha256:c6f2875c05ea10f16398bdc5f73405c384991506f2f1ead8bcc6582ae8adea79 AS sweep
RUN useradd --uid 10001 --create-home steersweep
COPY --from=build /src/cli/target/steersweep-cli-0.1.0.jar /app/
COPY --from=build /src/cli/target/lib /app/lib
COPY conf /app/conf
USER 10001
# ONNX Runtime collects usage data on Linux unless told not to; the other is a cache of native libraries and of weights
ENV ORT_DISABLE_TELEMETRY=1 XDG_CACHE_HOME=/tmp/cache
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-jar", "/app/steersweep-cli-0.1.0.jar"]
