using System.Globalization;
using System.Text;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private const int ShownPerAxis = 6;

        /// <summary>Shape, type and elements; the middle of long axes is left out.</summary>
        public override string ToString()
        {
            if (IsInvalid)
                return "disposed tensor";
            var text = new StringBuilder();
            text.Append('[').AppendJoin('x', Impl.Sizes).Append("], type = ").Append(dtype).Append(", device = cpu");
            if (Impl.Count == 0)
                return text.ToString();
            text.Append(Impl.Rank == 0 ? ", value = " : Environment.NewLine);
            Write(text, 0, 0);
            GC.KeepAlive(this);
            return text.ToString();
        }

        private void Write(StringBuilder text, int axis, long offset)
        {
            if (axis == Impl.Rank)
            {
                Scalar value = ScalarAt(offset);
                text.Append(value.Type switch
                {
                    ScalarType.Bool => value.IsTrue ? "true" : "false",
                    ScalarType.Int64 => value.Long.ToString(CultureInfo.InvariantCulture),
                    _ => value.Double.ToString("G5", CultureInfo.InvariantCulture),
                });
                return;
            }

            bool innermost = axis == Impl.Rank - 1;
            long length = Impl.Sizes[axis];
            text.Append('[');
            for (long i = 0; i < length; i++)
            {
                if (i > 0)
                    text.Append(innermost ? ", " : "," + Environment.NewLine + new string(' ', axis + 1));
                if (length > 2 * ShownPerAxis && i == ShownPerAxis)
                {
                    text.Append("…, ");
                    i = length - ShownPerAxis;
                }

                Write(text, axis + 1, offset + i * Impl.Strides[axis]);
            }

            text.Append(']');
        }
    }
}
