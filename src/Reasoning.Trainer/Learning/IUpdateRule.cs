namespace Reasoning.Trainer.Learning;

/// <summary>How the gradients of some answers become an update.</summary>
internal interface IUpdateRule
{
    /// <summary>Gathers gradients (<see cref="Learner.Accumulate"/>) as often as the rule needs them, and updates.</summary>
    /// <exception cref="NonFiniteException">Loss or gradient is not finite (nothing has been updated), or a parameter is not after the
    /// update.</exception>
    void Update(Learner learner, Sample[] batch, int step, Meter meter);
}
