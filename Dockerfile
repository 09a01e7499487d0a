# The image of Hostfence: built with the Swift toolchain, run on slim Debian with six libraries of the distribution.
#
#   docker build --tag hostfence .
#   docker run --rm --read-only --volume "$PWD:/work:ro" hostfence check /work
#
# scripts/test-runtime-image.sh proves the final stage on machines without a container engine.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libisal-dev libpq-dev libsimdjson-dev libsqlite3-dev libssl-dev libyaml-dev libzstd-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The tests are not run here, but Package.swift names their folders.
COPY Package.* ./
COPY Sources Sources
COPY Tests Tests
COPY scripts/build-release.sh scripts/build-release.sh
RUN scripts/build-release.sh /hostfence

FROM debian:bookworm-slim
# TLS, JSON, YAML, compression and the ledger stay with the distribution, so that its security updates reach them by rebuilding
# this stage alone. scripts/test-runtime-image.sh reads this list.
ARG RUNTIME_PACKAGES="ca-certificates libisal2 libpq5 libsimdjson14 libsqlite3-0 libssl3 libstdc++6 libyaml-0-2 libzstd1"
RUN apt-get update \
 && apt-get upgrade --yes \
 && apt-get install --yes --no-install-recommends ${RUNTIME_PACKAGES} \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /hostfence /usr/local/bin/hostfence

LABEL org.opencontainers.image.title="hostfence" \
      org.opencontainers.image.description="Finds, scores and refuses Kubernetes objects that put a pod on the node's network" \
      org.opencontainers.image.licenses="Apache-2.0"

# Not root, by number, so that Kubernetes can tell without looking into the image. Nothing below / is written to;
# the ledger belongs on a volume. Health is asked on 8081: /livez and /readyz.
USER 65532:65532
EXPOSE 8443 8081
ENTRYPOINT ["/usr/local/bin/hostfence"]
CMD ["--help"]
