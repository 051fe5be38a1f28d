using static TorchSharp.torch;

namespace TorchSharp.Modules;

public partial class AdamW
{
    /// <summary>The moments of one parameter and the number of its updates.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor exp_avg;
        public Tensor exp_avg_sq;

        /// <summary>Only with amsgrad.</summary>
        public Tensor? max_exp_avg_sq;

        public State(Parameter parameter)
            : base(parameter)
        {
            exp_avg = null!;
            exp_avg_sq = null!;
        }

        public override void Initialize(OptimizerOptions options)
        {
            Dispose();
            step = 0;
            exp_avg = ZerosFor(Parameter);
            exp_avg_sq = ZerosFor(Parameter);
            max_exp_avg_sq = ((Options)options).amsgrad!.Value ? ZerosFor(Parameter) : null;
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            exp_avg.Save(writer);
            exp_avg_sq.Save(writer);
            SaveConditionalStateTensor(writer, max_exp_avg_sq);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            exp_avg.Load(reader);
            exp_avg_sq.Load(reader);
            LoadConditionalStateTensor(reader, ref max_exp_avg_sq, Parameter.device);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var other = (State)source;
            Dispose();
            step = other.step;
            exp_avg = other.exp_avg.to(Parameter.device, copy: true);
            exp_avg_sq = other.exp_avg_sq.to(Parameter.device, copy: true);
            max_exp_avg_sq = other.max_exp_avg_sq?.to(Parameter.device, copy: true);
        }

        public override bool ApproximatelyEquals(OptimizerState other)
            => other is State state
                && step == state.step
                && exp_avg.allclose(state.exp_avg)
                && exp_avg_sq.allclose(state.exp_avg_sq)
                && (max_exp_avg_sq is null || (state.max_exp_avg_sq is not null && max_exp_avg_sq.allclose(state.max_exp_avg_sq)));

        public override void to(Device device)
        {
            exp_avg = exp_avg.to(device);
            exp_avg_sq = exp_avg_sq.to(device);
            max_exp_avg_sq = max_exp_avg_sq?.to(device);
        }

        public void Dispose()
        {
            exp_avg?.Dispose();
            exp_avg_sq?.Dispose();
            max_exp_avg_sq?.Dispose();
        }
    }
}
