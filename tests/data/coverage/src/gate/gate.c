int gate(int a, int b)
{
    return a && b;
}
