using Reasoning.Grading.Rules;

namespace Reasoning.Grading.Algebra;

/// <summary>
/// Counts elementary operations, so that a degenerate answer costs a bounded amount of work on any machine. Once spent it stays spent,
/// and everything that was computed under it is void. On demand it notes which rules the work went by.
/// </summary>
internal sealed class Budget(int operations, List<Step>? steps = null)
{
    /// <summary>Nesting beyond this counts as a spent budget: it bounds the stack.</summary>
    public const int MaxDepth = 48;

    private int _left = operations;

    public bool IsSpent => _left < 0;

    /// <summary>Takes <paramref name="operations"/> from the budget; false when that was too much.</summary>
    public bool Spend(int operations)
    {
        _left = operations > _left ? -1 : _left - operations;
        return _left >= 0;
    }

    public void Exhaust() => _left = -1;

    /// <summary>Notes that a rule was applied.</summary>
    public void Note(Rule rule)
    {
        if (steps?.Exists(step => step.Rule == rule) == false) steps.Add(new Step(rule, null));
    }
}
