using static TorchSharp.Tests.Autograd.FiniteDifferences;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Autograd;

public class GradientTests
{
    private static readonly Dictionary<string, Action> s_cases = new()
    {
        // element-wise, one argument
        ["exp"] = () => Unary(x => x.exp()),
        ["exp2"] = () => Unary(x => x.exp2()),
        ["expm1"] = () => Unary(x => x.expm1()),
        ["log"] = () => Unary(x => x.log(), 0.2, 3),
        ["log2"] = () => Unary(x => x.log2(), 0.2, 3),
        ["log10"] = () => Unary(x => x.log10(), 0.2, 3),
        ["log1p"] = () => Unary(x => x.log1p(), -0.5, 3),
        ["sqrt"] = () => Unary(x => x.sqrt(), 0.2, 3),
        ["rsqrt"] = () => Unary(x => x.rsqrt(), 0.2, 3),
        ["reciprocal"] = () => Unary(x => x.reciprocal(), 0.2, 3),
        ["sigmoid"] = () => Unary(x => x.sigmoid()),
        ["tanh"] = () => Unary(x => x.tanh()),
        ["sin"] = () => Unary(x => x.sin()),
        ["cos"] = () => Unary(x => x.cos()),
        ["erf"] = () => Unary(x => x.erf(), -4, 4),
        ["abs"] = () => Unary(x => x.abs()),
        ["square"] = () => Unary(x => x.square()),
        ["relu"] = () => Unary(x => x.relu()),
        ["silu"] = () => Unary(x => x.silu()),
        ["gelu"] = () => Unary(x => x.gelu()),
        ["gelu tanh"] = () => Unary(x => x.gelu(Modules.GELU.Approximate.tanh)),
        ["log_sigmoid"] = () => Unary(x => x.log_sigmoid(), -5, 5),
        ["softplus"] = () => Unary(x => x.softplus(2, 3), -3, 3),
        ["leaky_relu"] = () => Unary(x => x.leaky_relu(0.1)),
        ["neg"] = () => Unary(x => -x),
        ["frac"] = () => Unary(x => x.frac()),
        ["clone"] = () => Unary(x => x.clone() * x),
        ["pow 2"] = () => Unary(x => x.pow(2)),
        ["pow 3"] = () => Unary(x => x.pow(3)),
        ["pow 0.5"] = () => Unary(x => x.pow(0.5), 0.2, 3),
        ["pow -1.5"] = () => Unary(x => x.pow(-1.5), 0.2, 3),
        ["pow 0"] = () => Unary(x => x.pow(0) + x),
        ["clamp"] = () => Unary(x => x.clamp(-0.5, 0.7)),
        ["clamp_min"] = () => Unary(x => x.clamp_min(0.1)),
        ["clamp_max"] = () => Unary(x => x.clamp_max(0.1)),
        ["remainder"] = () => Unary(x => x.remainder(0.7)),
        ["scalar arithmetic"] = () => Unary(x => (3 - x) * 2.5 / 4 + (x - 1) + 2 / (x + 5)),
        ["masked_fill"] = () => Unary(x => x.masked_fill(x.detach() > 0.3, 7) * x),

        // element-wise, two arguments
        ["add"] = () => Binary((a, b) => a + b),
        ["add alpha"] = () => Binary((a, b) => a.add(b, 0.5)),
        ["sub"] = () => Binary((a, b) => a - b),
        ["mul"] = () => Binary((a, b) => a * b),
        ["div"] = () => Binary((a, b) => a / (b + 4)),
        ["pow"] = () => Binary((a, b) => (a + 4).pow(b)),
        ["maximum"] = () => Binary((a, b) => a.maximum(b)),
        ["minimum"] = () => Binary((a, b) => a.minimum(b)),
        ["where"] = () => Binary((a, b) => where(a.detach() > b.detach(), a * 2, b * 3)),
        ["clamp by tensors"] = () => Binary((a, b) => a.clamp(b, null)),
        ["addcmul"] = () => Binary((a, b) => a.addcmul(a, b, 0.3)),
        ["addcdiv"] = () => Binary((a, b) => a.addcdiv(a, b + 4, 0.3)),
        ["lerp"] = () => Binary((a, b) => a.lerp(b, b)),
        ["broadcast row"] = () => Check(t => t[0] * t[1] + t[1], [Values(-2, 2, 1, 3, 4), Values(-2, 2, 2, 4)]),
        ["broadcast column"] = () => Check(t => t[0] / (t[1] + 4) - t[1], [Values(-2, 2, 1, 3, 4), Values(-2, 2, 2, 3, 1)]),
        ["broadcast both"] = () => Check(t => t[0] * t[1], [Values(-2, 2, 1, 3, 1), Values(-2, 2, 2, 1, 4)]),
        ["broadcast value"] = () => Check(t => t[0] * t[1], [Values(-2, 2, 1, 3, 2), Values(-2, 2, 2)]),

        // matrices
        ["mm"] = () => Check(t => t[0].mm(t[1]), [Values(-1, 1, 1, 3, 4), Values(-1, 1, 2, 4, 2)]),
        ["mm transposed"] = () => Check(t => t[0].t().mm(t[1].t()), [Values(-1, 1, 1, 4, 3), Values(-1, 1, 2, 2, 4)]),
        ["bmm"] = () => Check(t => t[0].bmm(t[1]), [Values(-1, 1, 1, 2, 3, 4), Values(-1, 1, 2, 2, 4, 2)]),
        ["bmm transposed"] = () => Check(t => t[0].mT.bmm(t[1].mT), [Values(-1, 1, 1, 2, 4, 3), Values(-1, 1, 2, 2, 2, 4)]),
        ["matmul vector matrix"] = () => Check(t => t[0].matmul(t[1]), [Values(-1, 1, 1, 3), Values(-1, 1, 2, 3, 2)]),
        ["matmul matrix vector"] = () => Check(t => t[0].matmul(t[1]), [Values(-1, 1, 1, 3, 2), Values(-1, 1, 2, 2)]),
        ["matmul batch"] = () => Check(t => t[0].matmul(t[1]), [Values(-1, 1, 1, 2, 1, 3, 4), Values(-1, 1, 2, 3, 4, 2)]),
        ["matmul folded"] = () => Check(t => t[0].matmul(t[1]), [Values(-1, 1, 1, 2, 3, 4), Values(-1, 1, 2, 4, 2)]),
        ["dot"] = () => Check(t => t[0].dot(t[1]), [Values(-1, 1, 1, 5), Values(-1, 1, 2, 5)]),
        ["outer"] = () => Check(t => t[0].outer(t[1]), [Values(-1, 1, 1, 3), Values(-1, 1, 2, 2)]),
        ["mv"] = () => Check(t => t[0].mv(t[1]), [Values(-1, 1, 1, 3, 2), Values(-1, 1, 2, 2)]),
        ["addmv"] = () => Check(t => t[0].addmv(t[1], t[2], 2), [Values(-1, 1, 1, 3), Values(-1, 1, 2, 3, 2), Values(-1, 1, 3, 2)]),
        ["addmm"] = () => Check(t => t[0].addmm(t[1], t[2], 0.5f, 2), [Values(-1, 1, 1, 2), Values(-1, 1, 2, 3, 4), Values(-1, 1, 3, 4, 2)]),

        // reductions
        ["sum"] = () => Cube(x => x.sum()),
        ["sum axis"] = () => Cube(x => x.sum(1)),
        ["sum axes kept"] = () => Cube(x => x.sum([0, 2], keepdim: true)),
        ["mean"] = () => Cube(x => x.mean()),
        ["mean axes"] = () => Cube(x => x.mean([1, 2])),
        ["var"] = () => Cube(x => x.var()),
        ["var axis"] = () => Cube(x => x.var(1, unbiased: false)),
        ["std axis"] = () => Cube(x => x.std(2, keepdim: true)),
        ["norm"] = () => Cube(x => x.norm()),
        ["norm axis"] = () => Cube(x => x.norm(1, p: 3)),
        ["norm 1"] = () => Cube(x => x.norm(1, p: 1)),
        ["norm infinity"] = () => Cube(x => x.norm(1, p: float.PositiveInfinity)),
        ["max"] = () => Cube(x => x.max()),
        ["max axis"] = () => Cube(x => x.max(1).values),
        ["min axis kept"] = () => Cube(x => x.min(2, keepdim: true).values),
        ["amax axes"] = () => Cube(x => x.amax([0, 2])),
        ["amin"] = () => Cube(x => x.amin([1], keepdim: true)),
        ["cumsum"] = () => Cube(x => x.cumsum(1)),
        ["softmax"] = () => Cube(x => x.softmax(-1)),
        ["softmax axis"] = () => Cube(x => x.softmax(1)),
        ["log_softmax"] = () => Cube(x => x.log_softmax(-1)),
        ["log_softmax axis"] = () => Cube(x => x.log_softmax(0)),
        ["logsumexp"] = () => Cube(x => x.logsumexp(1)),
        ["trace"] = () => Unary(x => x.trace()),
        ["sort"] = () => Cube(x => x.sort(1).Values),
        ["topk"] = () => Cube(x => x.topk(2, 2).values),

        // shapes
        ["view"] = () => Cube(x => x.view(4, 6)),
        ["reshape"] = () => Cube(x => x.transpose(0, 2).reshape(-1)),
        ["flatten"] = () => Cube(x => x.flatten(1)),
        ["transpose"] = () => Cube(x => x.transpose(0, 2)),
        ["permute"] = () => Cube(x => x.permute(2, 0, 1)),
        ["movedim"] = () => Cube(x => x.movedim([0], [2])),
        ["unsqueeze"] = () => Cube(x => x.unsqueeze(1)),
        ["squeeze"] = () => Cube(x => x.unsqueeze(1).squeeze(1)),
        ["expand"] = () => Cube(x => x.unsqueeze(1).expand(2, 5, 3, 4)),
        ["repeat"] = () => Cube(x => x.repeat(2, 1, 3, 2)),
        ["repeat_interleave"] = () => Cube(x => x.repeat_interleave(3, 1)),
        ["repeat_interleave counts"] = () => Cube(x => x.repeat_interleave(tensor([2L, 0L, 1L]), 1)),
        ["contiguous"] = () => Cube(x => x.transpose(0, 1).contiguous()),
        ["narrow"] = () => Cube(x => x.narrow(2, 1, 2)),
        ["slice"] = () => Cube(x => x.slice(2, 0, 4, 2)),
        ["select"] = () => Cube(x => x.select(1, -1)),
        ["split"] = () => Cube(x => x.split([1L, 3L], 2)[1] * 2),
        ["chunk used together"] = () => Cube(x => x.chunk(2, 2)[0] * x.chunk(2, 2)[1]),
        ["unbind"] = () => Cube(x => x.unbind(1)[2] * x.unbind(1)[0]),
        ["diagonal"] = () => Cube(x => x.diagonal(1, 1, 2)),
        ["diag"] = () => Check(t => t[0].diag(-1), [Values(-1, 1, 1, 3)]),
        ["flip"] = () => Cube(x => x.flip(0, 2)),
        ["roll"] = () => Cube(x => x.roll(2, 2)),
        ["tril"] = () => Cube(x => x.tril(-1)),
        ["triu"] = () => Cube(x => x.triu(1)),
        ["tile"] = () => Cube(x => x.tile([2, 1])),
        ["unflatten"] = () => Cube(x => x.unflatten(2, 2, -1)),
        ["round"] = () => Unary(x => x.round() + x.floor() + x.sign() + x),
        ["cat"] = () => Binary((a, b) => cat([a, b * 2, a], 1)),
        ["stack"] = () => Binary((a, b) => stack([a, b], 1)),
        ["to another type and back"] = () => Cube(x => x.to(float64).alias() * 2),

        // indices
        ["index_select"] = () => Cube(x => x.index_select(1, tensor([2L, 0L, 2L]))),
        ["index_add"] = () => Check(t => t[0].index_add(1, tensor([2L, 0L, 2L]), t[1], 0.5), [Values(-1, 1, 1, 2, 3), Values(-1, 1, 2, 2, 3)]),
        ["index_copy"] = () => Check(t => t[0].index_copy(0, tensor([2L, 0L]), t[1]), [Values(-1, 1, 1, 3, 2), Values(-1, 1, 2, 2, 2)]),
        ["gather"] = () => Cube(x => x.gather(2, tensor([0L, 3L, 3L, 1L, 2L, 2L], [2, 3, 1]))),
        ["scatter"] = () => Check(t => t[0].scatter(1, tensor([2L, 0L], [2, 1]), t[1]), [Values(-1, 1, 1, 2, 3), Values(-1, 1, 2, 2, 1)]),
        ["scatter_add"] = () => Check(t => t[0].scatter_add(1, tensor([2L, 2L, 0L, 1L], [2, 2]), t[1]), [Values(-1, 1, 1, 2, 3), Values(-1, 1, 2, 2, 2)]),
        ["take"] = () => Cube(x => x.take(tensor([5L, 0L, 23L, 5L], [2, 2]))),
        ["index_fill"] = () => Cube(x => x.index_fill(1, tensor([1L]), 4) * x),
        ["index numbers"] = () => Cube(x => x[1, 2]),
        ["index slices"] = () => Cube(x => x[TensorIndex.Ellipsis, TensorIndex.Slice(1, 3)]),
        ["index tensor"] = () => Cube(x => x[TensorIndex.Colon, TensorIndex.Tensor(tensor([2L, 2L, 0L]))]),
        ["index two tensors"] = () => Cube(x => x[TensorIndex.Tensor(tensor([0L, 1L])), TensorIndex.Colon, TensorIndex.Tensor(tensor([3L, 1L]))]),
        ["index mask"] = () => Cube(x => x[TensorIndex.Tensor(x.detach() > 0)]),
        ["masked_select"] = () => Cube(x => x.masked_select(x.detach() > 0)),

        // in place on results
        ["add_"] = () => Binary((a, b) => (a * 2).add_(b)),
        ["mul_"] = () => Binary((a, b) => (a * 2).mul_(b)),
        ["div_"] = () => Binary((a, b) => (a * 2).div_(b + 4)),
        ["exp_"] = () => Unary(x => (x * 2).exp_()),
        ["sqrt_"] = () => Unary(x => (x * 2).sqrt_(), 0.2, 3),
        ["clamp_"] = () => Unary(x => (x * 2).clamp_(-1, 1)),
        ["masked_fill_"] = () => Unary(x => (x * 2).masked_fill_(x.detach() > 0, 3)),
        ["copy_"] = () => Binary((a, b) => (a * 2).copy_(b) * a),
        ["index_put_"] = () => Check(
            t => (t[0] * 2).index_put_(t[1], TensorIndex.Tensor(tensor([0L, 2L]))), [Values(-1, 1, 1, 3, 2), Values(-1, 1, 2, 2, 2)]),
        ["index_put_ accumulated"] = () => Check(
            t => (t[0] * 2).index_put_(t[1], [TensorIndex.Tensor(tensor([2L, 2L]))], accumulate: true), [Values(-1, 1, 1, 3, 2), Values(-1, 1, 2, 2, 2)]),
        ["scatter_add_"] = () => Check(
            t => (t[0] * 2).scatter_add_(0, tensor([1L, 1L], [1, 2]), t[1]), [Values(-1, 1, 1, 3, 2), Values(-1, 1, 2, 1, 2)]),
        ["addmm_"] = () => Check(t => (t[0] * 2).addmm_(t[1], t[2]), [Values(-1, 1, 1, 3, 2), Values(-1, 1, 2, 3, 4), Values(-1, 1, 3, 4, 2)]),
        ["pow_"] = () => Unary(x => (x * 2).pow_(3)),
        ["lerp_"] = () => Binary((a, b) => (a * 2).lerp_(b, a)),
        ["index_copy_"] = () => Check(t => (t[0] * 2).index_copy_(0, tensor([2L, 0L]), t[1]), [Values(-1, 1, 1, 3, 2), Values(-1, 1, 2, 2, 2)]),
        ["fill_"] = () => Binary((a, b) => (a * 2).fill_(3) * b + a),
    };

    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_twice = new()
    {
        ["exp"] = x => x.exp(),
        ["log"] = x => (x + 4).log(),
        ["sqrt"] = x => (x + 4).sqrt(),
        ["tanh"] = x => x.tanh(),
        ["sigmoid"] = x => x.sigmoid(),
        ["silu"] = x => x.silu(),
        ["division"] = x => x / (x + 4),
        ["pow"] = x => (x + 4).pow(1.5),
        ["clamp"] = x => x.clamp(-0.5, 0.5) * x,
        ["softmax"] = x => x.softmax(-1),
        ["log_softmax"] = x => x.log_softmax(-1),
        ["logsumexp"] = x => x.logsumexp(1),
        ["norm"] = x => x.norm(1, p: 2),
        ["mm"] = x => x.mm(x.t()) * x.sum(),
        ["views"] = x => x.t().reshape(-1).narrow(0, 2, 6).exp(),
        ["select and cat"] = x => cat([x[0], x[1] * x[2]]).square(),
        ["split"] = x => x.split([1L, 3L], 1)[1].square(),
        ["index_select"] = x => x.index_select(1, tensor([2L, 2L, 0L])).square(),
        ["gather"] = x => x.gather(1, tensor([1L, 1L, 0L], [3, 1])).exp(),
        ["max"] = x => x.max(1).values.square(),
        ["cumsum"] = x => x.cumsum(1).square(),
        ["var"] = x => x.var(1).square(),
        ["where"] = x => torch.where(x.detach() > 0, x.square(), x.exp()),
        ["in place"] = x => (x * 2).mul_(x).exp_(),
    };

    public static TheoryData<string> TwiceCases => [.. s_twice.Keys];

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradient_equals_central_differences(string operation)
    {
        using DisposeScope scope = NewDisposeScope();
        s_cases[operation]();
    }

    [Theory]
    [MemberData(nameof(TwiceCases))]
    public void Second_derivative_equals_central_differences_of_the_first(string operation)
    {
        using DisposeScope scope = NewDisposeScope();
        Func<Tensor, Tensor> f = s_twice[operation];
        Check(
            t =>
            {
                using IDisposable mode = enable_grad();
                Tensor x = t[0].requires_grad ? t[0] : t[0].detach().requires_grad_();
                Tensor y = f(x);
                return autograd.grad([(y * Values(-1, 1, 7, y.shape)).sum()], [x], retain_graph: true, create_graph: true)[0];
            },
            [Values(-1, 1, 3, 3, 4)],
            1e-5);
    }

    private static void Unary(Func<Tensor, Tensor> f, double low = -2, double high = 2) =>
        Check(t => f(t[0]), [Values(low, high, 3, 3, 4)]);

    private static void Binary(Func<Tensor, Tensor, Tensor> f) =>
        Check(t => f(t[0], t[1]), [Values(-2, 2, 1, 3, 4), Values(-2, 2, 2, 3, 4)]);

    private static void Cube(Func<Tensor, Tensor> f) => Check(t => f(t[0]), [Values(-1, 1, 5, 2, 3, 4)]);
}
