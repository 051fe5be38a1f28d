using System.Collections.Concurrent;
using System.Text.Json;
using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.SafeTensors;
using Reasoning.Trainer.Tests.Network;
using TorchSharp;

namespace Reasoning.Trainer.Tests.Servers;

/// <summary>The part of a server's API that the program uses, in the forms of vLLM, SGLang, llama.cpp and of others; our own engine answers.</summary>
internal sealed class FakeInference : FakeServer
{
    public const string Model = "tiny";

    private readonly string _owner;
    private readonly string _folder;
    private Policy _policy;
    private readonly Lock _lock = new();

    // Tensors are counted by thread: those of the engine behind the server stay on one of its own.
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _engine;

    /// <param name="owner">As <c>owned_by</c> says.</param>
    /// <param name="model">Folder of what it serves.</param>
    public FakeInference(string owner, string? model = null)
    {
        _owner = owner;
        _engine = new Thread(() =>
        {
            foreach (Action work in _work.GetConsumingEnumerable()) work();
        });
        _engine.IsBackground = true;
        _engine.Start();
        _folder = model ?? TinyModel.Folder;
        _policy = OnEngine(() => Policy.Load(_folder));
    }

    /// <summary>Adapters that were loaded and not unloaded, by name: their folders.</summary>
    public Dictionary<string, string> Adapters { get; } = [];

    /// <summary>How often one was loaded.</summary>
    public int Loads { get; private set; }

    /// <summary>The bodies of what was asked to be completed.</summary>
    public IEnumerable<JsonElement> Completions =>
        Asked.Where(request => request.Path == "/v1/completions").Select(request => JsonDocument.Parse(request.Body).RootElement);

    public override Answer Decent(Request request)
    {
        switch (request.Path)
        {
            case "/v1/models":
                return Json(new { @object = "list", data = new[] { new { id = Model, owned_by = _owner }, new { id = "other", owned_by = _owner } } });
            case "/v1/completions":
                return Complete(JsonDocument.Parse(request.Body).RootElement);
            case "/v1/load_lora_adapter" when _owner == "vllm":
            case "/load_lora_adapter" when _owner == "sglang":
                JsonElement load = JsonDocument.Parse(request.Body).RootElement;
                Load(load.GetProperty("lora_name").GetString()!, load.GetProperty("lora_path").GetString()!);
                return new Answer(200, "Success"u8.ToArray());
            case "/v1/unload_lora_adapter" when _owner == "vllm":
            case "/unload_lora_adapter" when _owner == "sglang":
                lock (_lock) Assert.True(Adapters.Remove(JsonDocument.Parse(request.Body).RootElement.GetProperty("lora_name").GetString()!));
                return new Answer(200, "Success"u8.ToArray());
            default:
                return new Answer(404, []);
        }
    }

    /// <summary>An answer to a completion, by our own engine.</summary>
    public Answer Complete(JsonElement body)
    {
        bool isOther = _owner is not ("vllm" or "sglang" or "llamacpp");
        JsonElement prompt = body.GetProperty("prompt");
        int[] ids = prompt.ValueKind == JsonValueKind.String
            ? _policy.Tokenizer.Encode(prompt.GetString()!, addSpecialTokens: false)
            : [.. prompt.EnumerateArray().Select(id => id.GetInt32())];
        var options = new SamplingOptions
        {
            Temperature = body.GetProperty("temperature").GetDouble(),
            TopP = body.GetProperty("top_p").GetDouble(),
            MaxNewTokens = body.GetProperty("max_tokens").GetInt32(),
            Seed = body.GetProperty("seed").GetUInt64(),
        };
        Rollout rollout = OnEngine(() => _policy.Generator.Generate([new GenerationRequest("p", ids, 1)], options)[0][0]);
        string finish = rollout.Finish == FinishReason.Stop ? "stop" : "length", text = _policy.Text(rollout);
        object? logProbs = isOther ? null
            : _owner == "llamacpp" ? new { content = rollout.Ids.Select((id, i) => new { id, token = "x", logprob = rollout.LogProbs[i] }) }
            : new { token_logprobs = rollout.LogProbs, tokens = rollout.Ids.Select(id => $"token_id:{id}") };
        var choice = new Dictionary<string, object?> { ["index"] = 0, ["text"] = text, ["finish_reason"] = finish, ["logprobs"] = logProbs };
        if (_owner is "vllm" or "sglang") choice["token_ids"] = rollout.Ids;
        return Json(new
        {
            @object = "text_completion",
            model = body.GetProperty("model").GetString(),
            choices = new[] { choice },
            usage = new { prompt_tokens = ids.Length, completion_tokens = rollout.Ids.Length },
        });
    }

    // Onto the base model, as a reader of PEFT's form does it: W + α / r B A.
    private void Load(string name, string folder)
    {
        lock (_lock)
        {
            Adapters.Add(name, folder);
            Loads++;
        }

        OnEngine(() =>
        {
            _policy.Dispose();
            _policy = Policy.Load(_folder);
            JsonElement config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json"))).RootElement;
            double scale = config.GetProperty("lora_alpha").GetDouble() / config.GetProperty("r").GetInt32();
            using SafeTensorsReader file = SafeTensorsReader.Open(Path.Combine(folder, "adapter_model.safetensors"));
            using DisposeScope scope = torch.NewDisposeScope();
            using IDisposable noGradient = torch.no_grad();
            foreach ((string projection, Projection map) in _policy.Model.Projections())
            {
                string stem = $"base_model.model.{projection}";
                if (!file.Entries.ContainsKey($"{stem}.lora_A.weight")) continue;
                torch.Tensor a = torch.empty(file.Find($"{stem}.lora_A.weight").Shape), b = torch.empty(file.Find($"{stem}.lora_B.weight").Shape);
                TensorFiles.Fill(a, file, $"{stem}.lora_A.weight");
                TensorFiles.Fill(b, file, $"{stem}.lora_B.weight");
                map.Weight.AddInPlace(b.mm(a).Times(scale));
            }

            return true;
        });
    }

    public override void Dispose()
    {
        base.Dispose();
        _work.Add(() => _policy.Dispose());
        _work.CompleteAdding();
        _engine.Join();
        _work.Dispose();
    }

    private T OnEngine<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>();
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }
}
