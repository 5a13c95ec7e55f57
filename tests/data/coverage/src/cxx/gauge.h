template <typename T>
T greatest(T a, T b)
{
    return a > b ? a : b;
}
