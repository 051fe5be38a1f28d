using System.Text.Json;
using System.Text.Json.Serialization;
using Reasoning.Models;
using Reasoning.Models.Files;
using Reasoning.Models.Modeling;
using Reasoning.Models.SafeTensors;
using Reasoning.Trainer.Learning;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Checkpoints;

/// <summary>
/// A Hugging Face model folder in float32 with three additions: training.safetensors (moments of the optimizer, adapters, float32 copies
/// of 16-bit weights, what method and reward bring along), state.json, and the manifest with hashes that is written last. Adapters are folded
/// into model.safetensors, so that the folder can be used as a model, and kept apart in training.safetensors, so that training goes on from
/// the very same numbers.
/// </summary>
internal static class Checkpoint
{
    private const string TensorsFile = "training.safetensors";
    private const string StateFile = "state.json";
    private const string WeightsFile = "model.safetensors";

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    /// <summary>Writes a checkpoint; it is complete or does not exist.</summary>
    /// <param name="folder">See <see cref="CheckpointFolder.Write"/>.</param>
    /// <param name="learner">All that learns.</param>
    /// <param name="step">Last complete step.</param>
    /// <param name="counts">What guard and log remember.</param>
    public static void Save(string folder, Learner learner, int step, TrainingState counts)
    {
        CancellationToken cancel = learner.Policy.Model.Cancellation;
        CheckpointFolder.Write(folder, temporary => WriteTo(temporary, learner, step, counts, cancel), cancel);
    }

    /// <summary>Puts a learner that was just started where the checkpoint left off.</summary>
    /// <exception cref="UserErrorException">The checkpoint is damaged, of a later version, or of another optimizer.</exception>
    public static TrainingState Restore(string folder, Learner learner)
    {
        CheckpointFolder.Verify(folder);
        return Load(folder, learner);
    }

    /// <summary><see cref="Restore"/> of a checkpoint that was found intact a moment ago.</summary>
    public static TrainingState Load(string folder, Learner learner)
    {
        TrainingState state = ReadState(Path.Combine(folder, StateFile));
        string optimizer = learner.Groups[0].Optimizer.Name;
        if (state.Optimizer != optimizer)
            throw new UserErrorException($"{folder}: its optimizer is {state.Optimizer}, the recipe's is {optimizer}");
        using SafeTensorsReader weights = SafeTensorsReader.Open(Path.Combine(folder, WeightsFile));
        using SafeTensorsReader training = SafeTensorsReader.Open(Path.Combine(folder, TensorsFile));
        foreach ((string name, Parameter parameter) in learner.Parameters.Where(pair => !IsApart(learner, pair.Name)))
            TensorFiles.Fill(parameter, weights, name);
        foreach ((string name, Tensor values) in Extra(learner)) TensorFiles.Fill(values, training, name);
        learner.Publish();
        foreach (ParameterGroup group in learner.Groups) group.Optimizer.Restore(state.OptimizerSteps);
        foreach ((string name, double value) in state.Method) learner.Method.Numbers[name] = value;
        return state;
    }

    /// <summary>Bytes of tensors in a checkpoint.</summary>
    public static long Bytes(Learner learner)
    {
        long model = learner.Policy.Model.named_parameters().Where(pair => !Projection.IsAdapter(pair.name)).Sum(pair => pair.parameter.NumberOfElements);
        return (model * sizeof(float)) + Extra(learner).Sum(pair => TensorFiles.Source(pair.Name, pair.Values).ByteLength);
    }

    private static void WriteTo(string temporary, Learner learner, int step, TrainingState counts, CancellationToken cancel)
    {
        learner.Policy.WriteTo(temporary, SafeTensorsDType.F32, shardBytes: long.MaxValue);
        IEnumerable<SafeTensorSource> tensors = Extra(learner).Select(pair => TensorFiles.Source(pair.Name, pair.Values));
        SafeTensorsWriter.Write(Path.Combine(temporary, TensorsFile), tensors, cancel: cancel);
        var state = new TrainingState
        {
            Step = step,
            Guard = counts.Guard,
            Updates = counts.Updates,
            Online = counts.Online,
            OptimizerSteps = learner.Groups.SelectMany(group => group.Optimizer.Steps).ToDictionary(),
            Optimizer = learner.Groups[0].Optimizer.Name,
            Method = learner.Method.Numbers,
        };
        File.WriteAllBytes(Path.Combine(temporary, StateFile), JsonSerializer.SerializeToUtf8Bytes(state, s_json));
    }

    /// <summary>What a model folder has no place for.</summary>
    private static IEnumerable<(string Name, Tensor Values)> Extra(Learner learner)
    {
        return
        [
            .. learner.Parameters.Where(pair => IsApart(learner, pair.Name)).Select(pair => (pair.Name, (Tensor)pair.Parameter)),
            .. learner.Method.Parameters.Select(extra => (extra.Tensor, (Tensor)extra.Parameter)),
            .. learner.Policy.Model.AdapterStarts(),
            .. learner.Groups.SelectMany(group => group.Optimizer.Moments),
            .. learner.Method.Tensors,
            .. learner.Beside,
        ];
    }

    private static TrainingState ReadState(string file)
    {
        var state = JsonRecord.Read<TrainingState>(file, s_json, "a state this program can read");
        return state.Format <= TrainingState.CurrentFormat
            ? state
            : throw new UserErrorException($"{file}: format {state.Format}; this program knows formats up to {TrainingState.CurrentFormat}");
    }

    /// <summary>Whether training goes on from other numbers than the folder has as a model: adapters, and copies wider than the model.</summary>
    private static bool IsApart(Learner learner, string name) =>
        learner.HasMasters || Projection.IsAdapter(name);
}
