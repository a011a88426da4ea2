# One image a service, holding its binary and the libraries it needs at run time.
#
#   docker build --target ingress   --build-arg MILLRACE_COMMIT=$(git rev-parse --short=12 HEAD) -t millrace-ingress .
#   docker build --target processor -t millrace-processor .
#   docker build --target test .        builds and runs the unit tests

FROM debian:trixie-slim AS tools
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /src
COPY scripts/setup scripts/setup
COPY scripts/lib scripts/lib
RUN scripts/setup && rm -rf /var/lib/apt/lists/*

FROM tools AS build
ARG MILLRACE_COMMIT=""
ENV CCACHE_DIR=/root/.cache/ccache
COPY . .
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release -DMILLRACE_TESTS=OFF -DMILLRACE_BENCH=OFF -DMILLRACE_COMMIT="$MILLRACE_COMMIT" \
 && cmake --build --preset release --target millrace-ingress millrace-processor
# Of each service its stripped binary, what it consists of, and the names of the packages that its shared libraries
# come in.
RUN for name in millrace-ingress millrace-processor; do \
      mkdir -p "/out/$name"; \
      strip -o "/out/$name/$name" "$(find build/release -type f -name "$name" -perm -u+x)"; \
      scripts/sbom --packages "$name" > "/out/$name/packages"; \
      scripts/sbom --shipped "/out/$name/$name" --out "/out/$name/$name.cdx.json" "$name"; \
    done

FROM build AS test
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release -DMILLRACE_TESTS=ON \
 && cmake --build --preset release --target tests/unit/all
RUN ctest --test-dir build/release --label-regex '^unit$' --no-tests=error --output-on-failure

FROM debian:trixie-slim AS base
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin millrace

FROM base AS ingress
RUN --mount=type=bind,from=build,source=/out/millrace-ingress,target=/out \
    apt-get update && apt-get install -y --no-install-recommends $(cat /out/packages) ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/debconf/*-old \
 && install -m 755 /out/millrace-ingress /usr/bin/ \
 && install -D -m 644 -t /usr/share/millrace /out/millrace-ingress.cdx.json \
 && install -d -o 10001 -g 10001 -m 700 /var/lib/millrace
LABEL millrace.sbom=/usr/share/millrace/millrace-ingress.cdx.json
USER 10001:10001
ENV MILLRACE_HTTP_LISTEN=0.0.0.0:8080
EXPOSE 8080
# Alive, not ready: a broker that is away is no reason to replace the container.
HEALTHCHECK --interval=10s --timeout=3s --retries=3 CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["/usr/bin/millrace-ingress"]

FROM base AS processor
RUN --mount=type=bind,from=build,source=/out/millrace-processor,target=/out \
    apt-get update && apt-get install -y --no-install-recommends $(cat /out/packages) ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/debconf/*-old \
 && install -m 755 /out/millrace-processor /usr/bin/ \
 && install -D -m 644 -t /usr/share/millrace /out/millrace-processor.cdx.json
LABEL millrace.sbom=/usr/share/millrace/millrace-processor.cdx.json
USER 10001:10001
ENV MILLRACE_HTTP_LISTEN=0.0.0.0:8090
EXPOSE 8090
HEALTHCHECK --interval=10s --timeout=3s --retries=3 CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8090 && printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["/usr/bin/millrace-processor"]
