# The program in a container that runs as nobody in particular:
#   docker build -t reasoning .
#   docker run --rm -v "$PWD":/work reasoning train --recipe ttrl --prompts problems.jsonl
# With CUDA, on a machine with NVIDIA's container toolkit:
#   docker build -t reasoning:cuda --build-arg DEVICE=cuda .
#   docker run --rm --gpus all -v "$PWD":/work reasoning:cuda train --recipe ttrl --prompts problems.jsonl
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG DEVICE=cpu
WORKDIR /source
COPY . .
RUN dotnet publish -c Release -r linux-x64 --self-contained -p:Device=$DEVICE -o /app src/Reasoning.Trainer

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0
# What NVIDIA's toolkit brings into the container; without it these say nothing.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=build /app /app
USER $APP_UID
WORKDIR /work
ENTRYPOINT ["/app/reasoning"]
