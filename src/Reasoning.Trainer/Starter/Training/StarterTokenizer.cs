using Reasoning.Models.Tokenization;

namespace Reasoning.Trainer.Starter.Training;

/// <summary>Learns the starter's vocabulary from its own training problems.</summary>
internal static class StarterTokenizer
{
    internal const string EndOfText = "<|endoftext|>";

    internal static Tokenizer Train(TrainingStream problems, int count, int vocabSize, int maxPositions)
    {
        IEnumerable<string> texts = Enumerable.Range(0, count).Select(i => problems[(ulong)i]).Select(problem => $"Question: {problem.Text}\nAnswer: {problem.Solution}");
        string json = BpeTrainer.Train(texts, vocabSize, [EndOfText]);
        return Tokenizer.Parse(json, BpeTrainer.ConfigJson(EndOfText, null, maxPositions));
    }
}
