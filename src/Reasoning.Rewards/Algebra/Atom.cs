using System.Numerics;

namespace Reasoning.Rewards;

/// <summary>
/// Something an expression treats as indivisible: a symbol, a prime number under a root, a polynomial under a root, a function value.
/// Two atoms are the same exactly when their keys are.
/// </summary>
/// <param name="Key">Canonical text.</param>
/// <param name="Prime">Set for a number under a root: a whole power of it becomes a coefficient.</param>
/// <param name="Base">Set for a polynomial under a root: a whole power of it is multiplied out.</param>
internal sealed record Atom(string Key, BigInteger? Prime = null, Polynomial? Base = null)
{
    public bool IsReducible => Prime is not null || Base is not null;
}
