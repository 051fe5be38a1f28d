using Reasoning.Models.Random;

namespace Reasoning.Trainer.Starter.Problems;

/// <summary>Puts the steps of a problem into words, in the usual wording or in the one of shifted problems.</summary>
internal static class Wording
{
    private static readonly string[] s_evaluate = ["Compute {0}.", "What is {0}?"];
    private static readonly string[] s_evaluateShifted = ["Evaluate the expression {0}.", "Determine the value of {0}."];
    private static readonly string[] s_solve = ["Solve for x: {0}.", "Find x if {0}."];
    private static readonly string[] s_solveShifted = ["Which number y makes {0} true?", "A number y satisfies {0}. Determine y."];

    internal static string Expression(ref KeyedStream stream, bool shifted, int start, List<Step> steps)
    {
        string text = start.ToString();
        for (int i = 0; i < steps.Count; i++)
        {
            bool needsBracket = steps[i].Operation == Operation.Multiply && i > 0;
            text = $"{(needsBracket ? $"({text})" : text)} {steps[i].Sign} {steps[i].Operand}";
        }

        return string.Format(Pick(ref stream, shifted ? s_evaluateShifted : s_evaluate), text);
    }

    internal static string Equation(ref KeyedStream stream, bool shifted, string equation) => string.Format(
        Pick(ref stream, shifted ? s_solveShifted : s_solve), string.Format(equation, shifted ? "y" : "x"));

    internal static string Instructions(bool shifted, int start, List<Step> steps)
    {
        if (!shifted)
        {
            IEnumerable<string> sentences = steps.Select(step => step.Operation switch
            {
                Operation.Add => $"Add {step.Operand}.",
                Operation.Subtract => $"Subtract {step.Operand}.",
                _ => $"Multiply by {step.Operand}.",
            });
            return $"Start with {start}. {string.Join(' ', sentences)} What is the result?";
        }

        IEnumerable<string> clauses = steps.Select(step => step.Operation switch
        {
            Operation.Add => $"increase it by {step.Operand}",
            Operation.Subtract => $"reduce it by {step.Operand}",
            _ => $"scale it by {step.Operand}",
        });
        return $"Take the number {start}, {string.Join(", then ", clauses)}. Which number do you reach?";
    }

    internal static string Story(ref KeyedStream stream, bool shifted, int start, List<Step> steps)
    {
        Story story = Pick(ref stream, shifted ? Problems.Story.Shifted : Problems.Story.Source);
        var sentences = new List<string> { string.Format(story.Opening, start) };
        foreach (Step step in steps)
        {
            string sentence = step.Operation switch
            {
                Operation.Add => Pick(ref stream, story.Add),
                Operation.Subtract => Pick(ref stream, story.Subtract),
                _ => story.Multiply,
            };
            sentences.Add(string.Format(sentence, step.Operand));
        }

        return string.Join(' ', sentences.Append(story.Question));
    }

    private static T Pick<T>(ref KeyedStream stream, T[] items) => items[stream.NextInt(items.Length)];
}
