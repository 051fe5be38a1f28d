namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>What a learning-rate schedule may read and set.</summary>
        public interface ILearningRateController
        {
            double LearningRate { get; set; }

            double InitialLearningRate { get; set; }
        }
    }
}
