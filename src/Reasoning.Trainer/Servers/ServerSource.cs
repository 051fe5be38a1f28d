using System.Diagnostics;
using System.Globalization;
using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Random;

namespace Reasoning.Trainer.Servers;

/// <summary>
/// Answers of a server. Each is a request of its own, with the prompt as the ids of our tokenizer and a seed from our key of the draw; what
/// the server does with the seed is its own affair. Servers that are not known get standard fields alone, and their text is read.
/// </summary>
/// <param name="server">Answers; stays the caller's.</param>
/// <param name="codec">From text to ids, and where an answer ends.</param>
internal sealed class ServerSource(InferenceServer server, PolicyCodec codec) : IRolloutSource
{
    private const int MostShown = 100;

    private readonly HashSet<int> _stopIds = [.. codec.Stops.Select(stop => stop.Id)];
    private bool _sendsText;

    public string Engine => server.Name;

    /// <summary>Whether an answer without ids and log-probabilities is refused.</summary>
    public bool NeedsIds { get; init; }

    /// <summary>Finds out, with one token of an answer, what the server can do and whether it reads the prompt as we do.</summary>
    /// <exception cref="UserErrorException">It reads another prompt, or gives too little.</exception>
    public void Probe(int[] promptIds, CancellationToken cancel) => Task.Run(() => ProbeAsync(promptIds, cancel), cancel).GetAwaiter().GetResult();

    public IReadOnlyList<Rollout[]> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, Action<GenerationProgress>? progress = null, CancellationToken cancel = default)
    {
        (int Group, int Index)[] all = [.. requests.SelectMany((request, group) => Enumerable.Range(0, request.Samples).Select(index => (group, index)))];
        Rollout[][] rollouts = [.. requests.Select(request => new Rollout[request.Samples])];
        int finished = 0;
        long tokens = 0;
        var watch = Stopwatch.StartNew();
        Task work = Parallel.ForEachAsync(
            all, new ParallelOptions { MaxDegreeOfParallelism = options.MaxBatch, CancellationToken = cancel },
            async (item, token) =>
            {
                GenerationRequest request = requests[item.Group];
                Rollout rollout = rollouts[item.Group][item.Index] = await Answer(request, request.FirstSample + item.Index, options, token);
                Interlocked.Add(ref tokens, rollout.Ids.Length);
                Interlocked.Increment(ref finished);
            });
        while (!work.IsCompleted)
        {
            Task.WaitAny([work], MostShown, CancellationToken.None);
            int done = Volatile.Read(ref finished);
            long sum = Interlocked.Read(ref tokens);
            progress?.Invoke(new GenerationProgress(done, all.Length, Math.Min(options.MaxBatch, all.Length - done), sum, sum / Math.Max(1e-9, watch.Elapsed.TotalSeconds)));
        }

        work.GetAwaiter().GetResult();
        return rollouts;
    }

    private async Task ProbeAsync(int[] promptIds, CancellationToken cancel)
    {
        var options = new SamplingOptions { MaxNewTokens = 1 };
        ServerAnswer answer;
        try
        {
            answer = await server.Complete(Body(promptIds, options, limit: 1, seed: 1), cancel);
        }
        catch (UserErrorException) when (server.Kind == ServerKind.Other)
        {
            // It may take prompts as text alone.
            _sendsText = true;
            answer = await server.Complete(Body(promptIds, options, limit: 1, seed: 1), cancel);
        }

        // Some servers put the beginning of the sequence before a text, some leave that to the text.
        int sent = _sendsText ? WithoutBeginning(promptIds).Length : promptIds.Length;
        if (answer.PromptTokens is { } count && count != sent && count != promptIds.Length)
        {
            throw new UserErrorException(
                $"{server.Name}: reads the first prompt as {count} tokens, and the tokenizer of --model as {promptIds.Length}: give --model the folder of the model that is served");
        }

        if (NeedsIds && (answer.Ids is null || answer.LogProbs is null))
        {
            throw new UserErrorException(
                $"{server.Name}: gives no {(answer.Ids is null ? "ids" : "log-probabilities")} of its tokens, without which its answers cannot train; see docs/server.md for servers that do");
        }
    }

    private async Task<Rollout> Answer(GenerationRequest request, int sample, SamplingOptions options, CancellationToken cancel)
    {
        int limit = Math.Min(options.MaxNewTokens, codec.Config.MaxPositions - request.PromptIds.Length);
        ulong key = KeyedRandom.Key(string.Create(CultureInfo.InvariantCulture, $"{options.Seed} {options.Step} {request.PromptId} {sample}"));
        ServerAnswer answer = await server.Complete(Body(request.PromptIds, options, limit, (int)(key & int.MaxValue)), cancel);
        if (answer.Model is { } model && model != server.Answering && server.Kind is ServerKind.Vllm or ServerKind.Sglang)
            throw new ServerFailedException($"{server.Name}: an answer comes from the model '{ServerAnswer.Short(model)}'");
        if (NeedsIds && (answer.Ids is not { Length: > 0 } || answer.LogProbs is null))
            throw new ServerFailedException($"{server.Name}: an answer to prompt {request.PromptId} has no ids or log-probabilities");
        int[] ids = answer.Ids ?? codec.Tokenizer.Encode(answer.Text, addSpecialTokens: false);
        if (Array.Exists(ids, id => id >= codec.Config.VocabSize))
            throw new UserErrorException($"{server.Name}: an answer has ids beyond the {codec.Config.VocabSize} of --model: give --model the folder of the model that is served");
        if (answer.Ids is not null && ids.Length > limit)
            throw new ServerFailedException($"{server.Name}: an answer to prompt {request.PromptId} has {ids.Length} tokens where at most {limit} were asked for");

        // Where an answer ends is said by the model's files here; a server may know other stop tokens.
        int stop = Array.FindIndex(ids, _stopIds.Contains);
        float[] logProbs = HasOurs(options) && answer.Ids is not null ? answer.LogProbs ?? [] : [];
        return stop < 0 || stop == ids.Length - 1
            ? new Rollout(request.PromptId, sample, request.PromptIds, ids, logProbs, stop < 0 ? answer.Finish : FinishReason.Stop)
            : new Rollout(request.PromptId, sample, request.PromptIds, ids[..(stop + 1)], logProbs.Length == 0 ? logProbs : logProbs[..(stop + 1)], FinishReason.Stop);
    }

    // vLLM and llama.cpp give those at temperature 1 whatever the temperature, SGLang those at the temperature: at 1 all mean the same.
    private static bool HasOurs(SamplingOptions options) => options.Temperature == 1;

    private int[] WithoutBeginning(int[] promptIds) => codec.Tokenizer.BosId is { } bos && promptIds.Length > 0 && promptIds[0] == bos ? promptIds[1..] : promptIds;

    private Dictionary<string, object> Body(int[] promptIds, SamplingOptions options, int limit, int seed)
    {
        var body = new Dictionary<string, object>
        {
            ["prompt"] = _sendsText ? codec.Tokenizer.Decode(WithoutBeginning(promptIds), skipSpecialTokens: false) : promptIds,
            ["max_tokens"] = limit,
            ["temperature"] = options.Temperature,
            ["top_p"] = options.TopP,
            ["seed"] = seed,
        };
        if (server.Kind == ServerKind.Other)
        {
            if (options.TopK > 0) throw new UserErrorException($"{server.Name}: top-k is not in the form that it speaks; set it to 0");
            return body;
        }

        // All that a server may set by itself, from its own defaults or the model's generation_config.json.
        body["top_k"] = options.TopK > 0 ? options.TopK : -1;
        body["min_p"] = 0;
        body["presence_penalty"] = 0;
        body["frequency_penalty"] = 0;
        body["logprobs"] = 1;
        if (server.Kind == ServerKind.LlamaCpp)
        {
            // Its own order puts the temperature last, behind the nucleus.
            body["samplers"] = (string[])["temperature", "top_k", "top_p"];
            return body;
        }

        body["repetition_penalty"] = 1;
        body["stop_token_ids"] = _stopIds.Order().ToArray();
        body["return_token_ids"] = true;
        body["return_tokens_as_token_ids"] = true;
        return body;
    }
}
