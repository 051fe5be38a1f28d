using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimizer remembers about one parameter.</summary>
public abstract class OptimizerState
{
    private protected OptimizerState(Parameter parameter) => Parameter = parameter;

    private protected Parameter Parameter { get; }

    /// <summary>Resets to the state of a parameter that has not been stepped yet.</summary>
    public abstract void Initialize(OptimizerOptions options);

    public abstract void SaveStateDict(BinaryWriter writer);

    public abstract void LoadStateDict(BinaryReader reader);

    /// <summary>Copies another state of the same kind. The copies belong to the caller's dispose scope, if there is one.</summary>
    public abstract void LoadStateDict(OptimizerState source);

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    /// <summary>Moves the state's tensors to another device.</summary>
    public virtual void to(Device device)
    {
    }

    /// <summary>Writes whether there is a tensor, then the tensor.</summary>
    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor? tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    /// <summary>Reads into the existing tensor, makes a new one, or removes it, as the stream says.</summary>
    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor? result, Device device)
    {
        if (!reader.ReadBoolean())
        {
            result?.Dispose();
            result = null;
        }
        else if (result is null)
        {
            using Tensor loaded = Tensor.Load(reader);
            result = loaded.to(device, copy: true).DetachFromDisposeScope();
        }
        else
        {
            result.Load(reader);
        }
    }

    private protected static Tensor ZerosFor(Parameter parameter) => zeros_like(parameter).DetachFromDisposeScope();
}
