using Reasoning.Grading.Algebra;
using Reasoning.Grading.Rules;
using Reasoning.Grading.Values;

namespace Reasoning.Grading.Reading;

/// <summary>The part of the reader for matrices: sums and products of them, with scalars between, are worked out.</summary>
internal sealed partial class Reader
{
    private const int LargestDeterminant = 5;

    private static readonly string[] s_matrix = ["begin"], s_ends = [",", ";", "=", "&", "\\\\"];

    // Whether a matrix stands in this item outside of other brackets.
    private bool HasMatrix() => _hasMatrices && Find(s_matrix, level: 0, s_ends) >= 0;

    private CollectionValue? ReadMatrixSum()
    {
        CollectionValue? total = null;
        while (true)
        {
            int sign = Take("+") ? 1 : Take("-") ? -1 : 0;
            if (sign == 0 && total is not null) return total;
            CollectionValue? term = ReadMatrixProduct();
            if (term is not null && sign < 0) term = Scaled(term, Expression.Of(-Rational.One));
            total = total is null || term is null ? term : Sum(total, term);
            if (total is null) return null;
        }
    }

    private CollectionValue? ReadMatrixProduct()
    {
        CollectionValue? product = null;
        Expression? scale = null;
        while (!AtEnd)
        {
            bool hasSign = (product is not null || scale is not null) && Take("*");
            if (hasSign && AtEnd) return null;
            if (Peek("begin"))
            {
                if (ReadMatrix("begin") is not { } read || Raised(read) is not { } matrix) return null;
                product = product is null ? matrix : Product(product, matrix);
                if (product is null) return null;
            }
            else if (product is not null && Take("/"))
            {
                Expression? divisor = ReadFactor()?.Inverse(_budget);
                scale = divisor is null ? null : scale is null ? divisor : Multiply(scale, divisor);
                if (scale is null) return null;
            }
            else if (StartsFactor(_tokens[_at]) || _tokens[_at].Kind == TokenKind.Number)
            {
                Expression? factor = ReadFactor();
                if (factor is not null && Take("/")) factor = Multiply(factor, ReadFactor()?.Inverse(_budget));
                scale = factor is null ? null : scale is null ? factor : Multiply(scale, factor);
                if (scale is null) return null;
            }
            else if (hasSign)
            {
                return null;
            }
            else
            {
                break;
            }
        }
        return product is null || scale is null ? product : Scaled(product, scale);
    }

    // A^3, and A^T with rows and columns exchanged.
    private CollectionValue? Raised(CollectionValue matrix)
    {
        if (!Take("^")) return matrix;
        bool isGroup = Take("{");
        if (AtEnd) return null;
        Token exponent = _tokens[_at++];
        if (isGroup && !Take("}")) return null;
        int columns = Columns(matrix), rows = matrix.Items.Count / columns;
        if (exponent is { Kind: TokenKind.Name, Text: "T" })
            return new CollectionValue(CollectionKind.Matrix, [.. Enumerable.Range(0, rows * columns).Select(i => matrix.Items[(i % rows * columns) + (i / rows)])], $"{rows}");
        if (exponent is not { Kind: TokenKind.Number, Text: { Length: <= 2 } } || rows != columns || !int.TryParse(exponent.Text, out int times) || times == 0) return null;
        CollectionValue? power = matrix;
        for (int i = 1; i < times && power is not null; i++) power = Product(power, matrix);
        return power;
    }

    private CollectionValue? Scaled(CollectionValue matrix, Expression factor) =>
        Map(matrix.Brackets, matrix.Items.Count, i => Cell(matrix, i) is { } cell ? Expression.Multiply(cell, factor, _budget) : null);

    private CollectionValue? Sum(CollectionValue a, CollectionValue b)
    {
        if (a.Brackets != b.Brackets || a.Items.Count != b.Items.Count) return null;
        return Map(a.Brackets, a.Items.Count, i => Cell(a, i) is { } x && Cell(b, i) is { } y ? Expression.Add(x, y, _budget) : null);
    }

    private CollectionValue? Product(CollectionValue a, CollectionValue b)
    {
        int inner = Columns(a), columns = Columns(b), rows = a.Items.Count / inner;
        if (b.Items.Count != inner * columns) return null;
        _budget.Note(Rulebook.Matrices);
        return Map(b.Brackets, rows * columns, i =>
        {
            Expression? sum = Expression.Of(Rational.Zero);
            for (int k = 0; k < inner && sum is not null; k++)
            {
                Expression? x = Cell(a, (i / columns * inner) + k), y = Cell(b, (k * columns) + (i % columns));
                Expression? term = x is null || y is null ? null : Expression.Multiply(x, y, _budget);
                sum = term is null ? null : Expression.Add(sum, term, _budget);
            }
            return sum;
        });
    }

    private Expression? ReadDeterminant()
    {
        _at--;
        if (ReadMatrix("det") is not { } matrix) return null;
        int size = Columns(matrix);
        return size * size != matrix.Items.Count || size > LargestDeterminant
            ? null
            : Determinant(matrix, [.. Enumerable.Range(0, size)], 0, size);
    }

    // Expansion along the first row.
    private Expression? Determinant(CollectionValue matrix, int[] columns, int row, int size)
    {
        if (columns.Length == 0) return Expression.Of(Rational.One);
        Expression? sum = Expression.Of(Rational.Zero);
        for (int i = 0; i < columns.Length && sum is not null; i++)
        {
            int column = columns[i];
            Expression? minor = Determinant(matrix, [.. columns.Where(c => c != column)], row + 1, size);
            Expression? cell = Cell(matrix, (row * size) + column);
            Expression? term = minor is null || cell is null ? null : Expression.Multiply(cell, minor, _budget);
            sum = term is null ? null : Expression.Add(sum, i % 2 == 0 ? term : term.Negate(), _budget);
        }
        return sum;
    }

    private static CollectionValue? Map(string width, int count, Func<int, Expression?> cell)
    {
        var cells = new Value[count];
        for (int i = 0; i < count; i++)
        {
            if (cell(i) is not { } value) return null;
            cells[i] = new ScalarValue(value);
        }
        return new CollectionValue(CollectionKind.Matrix, cells, width);
    }

    private static int Columns(CollectionValue matrix) => int.Parse(matrix.Brackets, System.Globalization.CultureInfo.InvariantCulture);

    private static Expression? Cell(CollectionValue matrix, int index) =>
        matrix.Items[index] is ScalarValue { Unit: null, IsPercent: false } scalar ? scalar.Expression : null;
}
