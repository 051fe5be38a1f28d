using static TorchSharp.torch;

namespace TorchSharp.Modules;

public partial class SGD
{
    /// <summary>The momentum of one parameter.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        /// <summary>Null before the first step and without momentum.</summary>
        public Tensor? momentum_buffer;

        public State(Parameter parameter)
            : base(parameter)
        {
        }

        public override void Initialize(OptimizerOptions options)
        {
            momentum_buffer?.Dispose();
            momentum_buffer = null;
        }

        public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);

        public override void LoadStateDict(BinaryReader reader)
            => LoadConditionalStateTensor(reader, ref momentum_buffer, Parameter.device);

        /// <exception cref="InvalidOperationException">The source has no momentum yet: the package cannot load such a state either.</exception>
        public override void LoadStateDict(OptimizerState source)
        {
            Tensor buffer = ((State)source).momentum_buffer
                ?? throw new InvalidOperationException("The SGD state to load has no momentum buffer; save it to a stream instead.");
            momentum_buffer?.Dispose();
            momentum_buffer = buffer.to(Parameter.device, copy: true);
        }

        public override bool ApproximatelyEquals(OptimizerState other)
            => other is State state
                && (momentum_buffer is null || (state.momentum_buffer is not null && momentum_buffer.allclose(state.momentum_buffer)));

        public override void to(Device device) => momentum_buffer = momentum_buffer?.to(device);

        public void Dispose() => momentum_buffer?.Dispose();
    }
}
