using Reasoning.Grading.Algebra;

namespace Reasoning.Grading.Reading;

/// <summary>The part of the reader for sums and products over an index.</summary>
internal sealed partial class Reader
{
    private const int MostTerms = 400;

    /// <summary>∑_{k=a}^{b} body: read once for each value of the index; with bounds that are not numbers it stands for itself.</summary>
    private Expression? ReadSeries(bool isProduct)
    {
        if (!Take("_") || !Take("{") || AtEnd || _tokens[_at].Kind != TokenKind.Name) return null;
        string index = _tokens[_at++].Text;
        if (!Take("=") || ReadSum() is not { } from || !Take("}") || !Take("^") || ReadExponent() is not { } to) return null;
        int start = _at;
        bool isFinite = from.Constant is { IsInteger: true } && to.Constant is { IsInteger: true };
        Dictionary<string, Expression>? outer = _bound;
        _bound = outer is null ? new(StringComparer.Ordinal) : new(outer, StringComparer.Ordinal);
        Expression? result = isFinite ? Terms(from.Constant!.Value, to.Constant!.Value) : Itself();
        _bound = outer;
        return result;

        Expression? Terms(Rational first, Rational last)
        {
            if (last.Numerator - first.Numerator >= MostTerms)
            {
                _budget.Exhaust();
                return null;
            }
            Expression? total = Expression.Of(isProduct ? Rational.One : Rational.Zero);
            if ((last - first).Sign < 0) return null;
            for (Rational k = first; (last - k).Sign >= 0 && total is not null; k += Rational.One)
            {
                _at = start;
                _bound![index] = Expression.Of(k);
                Expression? term = ReadProduct();
                total = term is null ? null : isProduct ? Expression.Multiply(total, term, _budget) : Expression.Add(total, term, _budget);
            }
            return total;
        }

        Expression? Itself()
        {
            _bound!.Remove(index);
            if (ReadProduct() is not { } body) return null;
            string name = isProduct ? "∏" : "∑";
            return Expression.Symbol($"{name}[{index}={from.Key}..{to.Key}]({body.Key})");
        }
    }
}
