namespace Reasoning.Models.Generation;

/// <summary>The samples that have not started, in the order of requests and samples.</summary>
internal sealed class SampleQueue(IReadOnlyList<SequenceGroup> groups)
{
    private int _next;

    /// <summary>Samples in all, started or not.</summary>
    internal int Total { get; } = groups.Sum(group => group.Request.Samples);

    /// <summary>The first group with samples that have not started, or null.</summary>
    internal SequenceGroup? Next()
    {
        while (_next < groups.Count && groups[_next].Started == groups[_next].Request.Samples) _next++;
        return _next < groups.Count ? groups[_next] : null;
    }

    /// <summary>
    /// The prompts to compute in one go, from the next group on: those whose samples fit into <paramref name="places"/>, and as many more
    /// as fill one pass of <paramref name="rows"/> tokens, since a pass over few rows costs almost as much as one over many.
    /// </summary>
    internal List<SequenceGroup> ToPrefill(int places, int rows)
    {
        var prompts = new List<SequenceGroup>();
        int tokens = 0;
        for (int i = _next; i < groups.Count; i++)
        {
            SequenceGroup group = groups[i];
            int length = group.Request.PromptIds.Length;
            if (prompts.Count > 0 && places <= 0 && tokens + length > rows) break;
            if (group.Request.Samples == 0) continue;
            prompts.Add(group);
            tokens += length;
            places -= group.Request.Samples;
        }

        return prompts;
    }
}
